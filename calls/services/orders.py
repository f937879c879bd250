"""Orders to a call's carrier: given after commit, never inside a transaction."""

from typing import Literal

from answering.lib.commit import after_commit
from calls.carriers.base import CallLegRef, Capability
from calls.carriers.registry import all_carriers, carrier_named
from calls.errors import NotSupported
from calls.models import Call
from calls.states import AGENT_STATES

Order = Literal["connect_agent", "hang_up_agent", "hold", "resume", "end"]


def leg_of(call: Call) -> CallLegRef:
    """What a carrier needs to know of a call to carry out an order."""
    return CallLegRef(call.public_id, call.agent_id, call.generation)


def agent_leg(call: Call) -> CallLegRef | None:
    """The agent's audio that belongs to the call now, or None."""
    return leg_of(call) if call.state in AGENT_STATES else None


def order_on_commit(call: Call, order: Order, leg: CallLegRef | None = None) -> None:
    """Tell the call's carrier once this transaction has committed; its failure is logged and undoes nothing."""
    after_commit(_give, call.carrier, order, leg or leg_of(call))


def order_changed_audio(call: Call, before: CallLegRef | None) -> None:
    """Bring the agent's audio of a new generation, and hang up that of the older one.

    Nothing for a call that is over: there the end of the caller's leg ends all.
    """
    after = agent_leg(call)
    if call.is_over or after == before:
        return
    if before is not None:
        order_on_commit(call, "hang_up_agent", before)
    if after is not None:
        order_on_commit(call, "connect_agent", after)


def require(call: Call, capability: Capability) -> None:
    """Raise NotSupported for what the call's carrier cannot do, before anything is written."""
    able = {carrier.name: carrier.capabilities for carrier in all_carriers()}
    if capability not in able.get(call.carrier, frozenset()):
        raise NotSupported


def _give(carrier_name: str, order: Order, leg: CallLegRef) -> None:
    getattr(carrier_named(carrier_name), order)(leg)
