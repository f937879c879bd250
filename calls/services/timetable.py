"""When a call next needs attention without anybody's doing."""

from datetime import datetime

from calls.models import Call, CallLeg, Party
from calls.states import AGENT_STATES, WAITING_STATES, CallState


def schedule(call: Call) -> None:
    """Set when `manage.py dispatch` looks at the call next; None when never. At most one query, saves nothing."""
    moments = [call.next_offer_at, call.claim_expires_at, *_state_deadlines(call)]
    if not (call.is_over or call._state.adding):
        moments += [leg.gone_from(None) for leg in call.legs.all() if is_watched(leg, call)]
    call.next_action_at = min((moment for moment in moments if moment is not None), default=None)


def next_offer(call: Call, now: datetime) -> datetime:
    """When a waiting call goes further: after its line's interval, or sooner if by then more agents may be asked."""
    waived_at, usual = call.skills_waived_at, now + call.line.offer_interval
    return min(waived_at, usual) if waived_at is not None and waived_at > now else usual


def is_watched(leg: CallLeg, call: Call) -> bool:
    """Whether this side's silence matters: the caller's always, an agent's once it is theirs and of this generation."""
    if leg.party == Party.CALLER:
        return True
    return call.state in AGENT_STATES and leg.generation == call.generation


def _state_deadlines(call: Call) -> list[datetime | None]:
    if call.state in WAITING_STATES and call.waiting_since is not None:
        return [call.waiting_since + call.line.waiting_limit]
    if call.state == CallState.WRAP_UP:
        return [call.wrap_up_ends_at]
    return []
