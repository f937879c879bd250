"""The quick way from a closed call to its price; the sweep in `tasks` is the sure one."""

from typing import Any

from django.dispatch import receiver

from answering.push.nudge import nudge
from billing.tasks import rate_call
from calls.signals import call_closed


@receiver(call_closed)
def on_call_closed(sender: Any, call_id: int, **kwargs: Any) -> None:
    nudge(rate_call, call_id)
