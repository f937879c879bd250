"""The quick way from an order that is kept to its being carried out; the dispatcher is the sure one."""

from typing import Any

from django.dispatch import receiver

from calls.services.order_runner import carry_out_soon
from calls.signals import orders_given


@receiver(orders_given)
def on_orders_given(sender: Any, call_id: int, **kwargs: Any) -> None:
    carry_out_soon(call_id)
