"""What a call should sound like, as its state has it. Nothing here changes anything."""

from dataclasses import dataclass

from calls.carriers.base import CallLegRef
from calls.models import Call
from calls.states import AGENT_STATES, CallState


@dataclass(frozen=True, slots=True)
class Audio:
    """Whose audio belongs to a live call, and whether its caller hears music on hold."""

    leg: CallLegRef | None
    has_music: bool


def audio_of(call: Call) -> Audio:
    """The audio that the call's state asks for."""
    return Audio(agent_leg(call), hears_music(call))


def leg_of(call: Call) -> CallLegRef:
    """What a carrier needs to know of a call to carry out an order."""
    return CallLegRef(call.public_id, call.agent_id, call.generation)


def agent_leg(call: Call) -> CallLegRef | None:
    """The agent's audio that belongs to the call now, or None."""
    return leg_of(call) if call.state in AGENT_STATES else None


def hears_music(call: Call) -> bool:
    """Whether the caller must be given music: on hold, or left alone after an agent has been there.

    The music of a caller to whom no agent has come yet begins by itself.
    """
    if call.state == CallState.CONNECTING:
        return call.generation > 1 or call.answered_at is not None
    return call.state == CallState.HELD or (call.state == CallState.QUEUED and call.generation > 0)
