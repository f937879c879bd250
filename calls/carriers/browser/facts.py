"""What a caller's page may know of its call."""

from typing import Any

from answering.accounts.templatetags.formats import epoch, phone
from answering.lib import clock
from calls.models import Call
from calls.states import CallOutcome, CallState

# A blocked caller is not told so: the call did not come through.
SAID_OUTCOME = {CallOutcome.BLOCKED: CallOutcome.FAILED}


def facts_of(call: Call) -> dict[str, Any]:
    """State, clock and audio of the call; moments are seconds since 1970. One query."""
    outcome = CallOutcome(call.outcome) if call.outcome else None
    state = CallState.CLOSED if call.is_over else call.state
    return {
        "call": str(call.public_id),
        "version": call.ledger_version,
        "state": str(state),
        "outcome": str(SAID_OUTCOME.get(outcome, outcome)) if outcome else None,
        "generation": call.generation,
        "has_offer": not call.is_over and call.media.filter(generation=call.generation).exists(),
        "agent": call.agent.user.given_name if call.agent else "",
        "number": phone(call.caller_number),
        "started": epoch(call.started_at),
        "answered": epoch(call.answered_at) or None,
        "since": epoch(call.state_since),
        "ended": epoch(call.ended_at) or None,
        "seconds_together": call.talk_seconds + call.hold_seconds + call.transfer_seconds,
        "now": epoch(clock.now()),
    }
