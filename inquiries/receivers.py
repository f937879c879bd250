"""The quick way from a lost call or an SMS to its request; the sweeps in `tasks` are the sure one."""

from typing import Any

from django.dispatch import receiver

from calls.signals import call_ended, caller_identified, text_received
from inquiries.services import complete_call_back, request_call_back, request_from_text


@receiver(call_ended)
def on_call_ended(sender: Any, call_id: int, **kwargs: Any) -> None:
    request_call_back(call_id)


@receiver(caller_identified)
def on_caller_identified(sender: Any, call_id: int, **kwargs: Any) -> None:
    complete_call_back(call_id)


@receiver(text_received)
def on_text_received(sender: Any, text_id: int, **kwargs: Any) -> None:
    request_from_text(text_id)
