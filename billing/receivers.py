"""The quick way from a closed call, or a new tariff, to the price; the sweeps in `tasks` are the sure one."""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from answering.lib.commit import after_commit
from answering.push.nudge import nudge
from billing.models import TariffVersion
from billing.tasks import rate_call, rate_forgotten_calls
from calls.signals import call_closed


@receiver(call_closed)
def on_call_closed(sender: Any, call_id: int, **kwargs: Any) -> None:
    nudge(rate_call, call_id)


@receiver(post_save, sender=TariffVersion)
def on_tariff_version(sender: Any, **kwargs: Any) -> None:
    """Calls may have waited for it."""
    after_commit(nudge, rate_forgotten_calls)
