"""What must be right about carriers; `manage.py check` says what is not and what to do."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError, InterfaceError

from calls.carriers.base import Capability, Carrier
from calls.carriers.registry import all_carriers
from calls.models import Call


@register("calls")
def check_carriers(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Every carrier that is registered can be asked for all that the interface names."""
    orders = [name for name in vars(Carrier) if callable(getattr(Carrier, name)) and not name.startswith("_")]
    return [
        Error(
            f"The carrier {carrier.name!r} is not complete: {fault}.",
            hint="See calls/carriers/base.py and tests/calls/carrier_contract.py.",
            id="calls.E001",
        )
        for carrier in all_carriers()
        for fault in _faults_of(carrier, orders)
    ]


def _faults_of(carrier: Carrier, orders: list[str]) -> list[str]:
    faults = [f"it has no order {order!r}" for order in orders if not callable(getattr(carrier, order, None))]
    if len(carrier.name) > (Call._meta.get_field("carrier").max_length or 0):
        faults.append("its name is too long")
    if not all(isinstance(each, Capability) for each in carrier.capabilities):
        faults.append("it claims a capability that there is not")
    return faults


@register(Tags.database)
def check_live_calls(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """No call is under way on a carrier that this installation has dropped; only asked with a database."""
    if not databases:
        return []
    known = [carrier.name for carrier in all_carriers()]
    try:
        orphaned = list(Call.objects.live().exclude(carrier__in=known).order_by().values_list("carrier").distinct())
    except (DatabaseError, InterfaceError):
        return []
    return [
        Warning(
            f"Calls are under way on the carrier {name!r}, which is not registered: nobody can hang them up.",
            hint="Bring the carrier back until they have ended.",
            id="calls.W001",
        )
        for (name,) in orphaned
    ]
