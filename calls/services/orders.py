"""Orders to a call's carrier: what a change of the call asks of its network.

They are given after commit, never inside a transaction. For a carrier that keeps its orders each is a row of the
transaction that causes it, and `order_runner` carries it out; for any other a lost order does no harm.
"""

from answering.lib.commit import after_commit
from calls import signals
from calls.carriers.base import CallLegRef, Capability
from calls.carriers.registry import all_carriers, carrier_named
from calls.errors import NotSupported
from calls.models import Call, CarrierOrder, Order
from calls.services.audio import Audio, audio_of, leg_of


def order_on_commit(call: Call, order: Order, leg: CallLegRef | None = None) -> None:
    """Give the call's carrier an order as part of this transaction; its failure undoes nothing."""
    leg = leg or leg_of(call)
    if any(carrier.name == call.carrier and carrier.keeps_orders for carrier in all_carriers()):
        CarrierOrder.objects.create(call=call, order=order, agent_id=leg.agent_id, generation=leg.generation)
        after_commit(signals.orders_given.send_robust, sender=Call, call_id=call.pk)
    else:
        after_commit(_give, call.carrier, order, leg)


def order_changed_audio(call: Call, before: Audio) -> None:
    """Turn the audio that was into the audio that is: whose it is, and music for a caller who is alone.

    Nothing for a call that is over: there the end of the caller's leg ends all.
    """
    after = audio_of(call)
    if call.is_over or after == before:
        return
    if before.leg is not None and before.leg != after.leg:
        order_on_commit(call, Order.HANG_UP_AGENT, before.leg)
    if before.has_music != after.has_music:
        order_on_commit(call, Order.HOLD if after.has_music else Order.RESUME)
    if after.leg is not None and before.leg != after.leg:
        order_on_commit(call, Order.CONNECT_AGENT, after.leg)


def require(call: Call, capability: Capability) -> None:
    """Raise NotSupported for what the call's carrier cannot do, before anything is written."""
    able = {carrier.name: carrier.capabilities for carrier in all_carriers()}
    if capability not in able.get(call.carrier, frozenset()):
        raise NotSupported


def _give(carrier_name: str, order: Order, leg: CallLegRef) -> None:
    getattr(carrier_named(carrier_name), order)(leg)
