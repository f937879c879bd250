"""The quick way from an order or a changed agent to what follows; the dispatcher is the sure one."""

from typing import Any

from django.dispatch import receiver

from answering.accounts.signals import agent_changed
from calls.services.colleagues import follow_agent
from calls.services.order_runner import carry_out_soon
from calls.signals import orders_given


@receiver(orders_given)
def on_orders_given(sender: Any, call_id: int, **kwargs: Any) -> None:
    carry_out_soon(call_id)


@receiver(agent_changed)
def on_agent_changed(sender: Any, agent_id: int, **kwargs: Any) -> None:
    follow_agent(agent_id)
