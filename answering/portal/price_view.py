"""A price as its reader can check it: part by part, seconds times rate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from answering.accounts.templatetags.formats import rate
from answering.lib.money import round_money
from answering.portal.access import Visit
from billing.models import UsageRecord
from billing.rating import PartKind
from calls.models import Call


@dataclass(frozen=True, slots=True)
class PriceLine:
    name: str
    formula: str
    starts_at: datetime
    amount: Decimal


@dataclass(frozen=True, slots=True)
class PriceView:
    """`exact` is what the record holds; `shown` is rounded to the currency for reading only."""

    record: UsageRecord
    lines: tuple[PriceLine, ...]

    @property
    def shown(self) -> Decimal:
        return round_money(self.record.exact_amount, self.record.currency)

    @property
    def is_exact(self) -> bool:
        return self.shown == self.record.exact_amount


def rows_with_prices(calls: Sequence[Call], visit: Visit) -> list[tuple[Call, Decimal | None]]:
    """Each call with its price rounded for reading; None while not priced or not to be seen. One query."""
    records = UsageRecord.objects.visible_to(visit.user).filter(call__in=calls).order_by("revision")
    latest = {record.call_id: record for record in records}
    return [(call, _rounded(latest.get(call.pk))) for call in calls]


def _rounded(record: UsageRecord | None) -> Decimal | None:
    return None if record is None else round_money(record.exact_amount, record.currency)


def price_view(record: UsageRecord) -> PriceView:
    """The parts of a usage record in words; no queries."""
    return PriceView(record, tuple(_line(part, record.currency) for part in record.parts))


def _line(part: dict[str, Any], currency: str) -> PriceLine:
    return PriceLine(
        name=_name(part["kind"]),
        formula=formula(part, currency),
        starts_at=datetime.fromisoformat(part["started_at"]),
        amount=Decimal(part["amount"]),
    )


def _name(kind: str) -> str:
    names = {
        PartKind.CONNECT_FEE: _("Connection fee"),
        PartKind.USAGE: _("Call time"),
        PartKind.CAP: _("Cap on this call"),
    }
    return names[PartKind(kind)]


def formula(part: dict[str, Any], currency: str) -> str:
    """67 s × 0.0150 €/s, or 120 s × 0.90 €/60 s in steps of 60 s; empty for a fee."""
    if part["rate"] is None:
        return ""
    unit = "s" if part["unit_s"] == 1 else f"{part['unit_s']} s"
    product = f"{part['seconds']} s × {rate(part['rate'], currency)}/{unit}"
    if part["increment_s"] == 1:
        return product
    return _("%(product)s, in steps of %(seconds)s s") % {"product": product, "seconds": part["increment_s"]}
