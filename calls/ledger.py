"""A call's events folded into its state and seconds; pure, whatever the order of arrival.

Events are ordered by (occurred_at, sequence, id). Each moves the call from one state to
the next. Commands were checked when they were given and have been carried out: they hold
whatever late facts have since made of the state they met, so that who had the call when
depends on commands alone. A fact that does not fit the state it meets changes nothing.
Boundaries are whole epoch seconds, therefore the parts always add up to
`ended_at - started_at`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from answering.lib.clock import epoch_second
from calls.states import AGENT_STATES, CallOutcome, CallState, EventKind


class LedgerEvent(Protocol):
    @property
    def kind(self) -> str: ...
    @property
    def occurred_at(self) -> datetime: ...
    @property
    def sequence(self) -> int: ...
    @property
    def id(self) -> int: ...
    @property
    def generation(self) -> int | None: ...
    @property
    def agent_id(self) -> int | None: ...


PART_OF_STATE = {
    CallState.RINGING: "ring",
    CallState.QUEUED: "queue",
    CallState.CONNECTING: "connect",
    CallState.TALKING: "talk",
    CallState.HELD: "hold",
    CallState.TRANSFERRING: "transfer",
}
PARTS = tuple(PART_OF_STATE.values())


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of one state; seconds since the epoch, end exclusive."""

    state: CallState
    starts: int
    ends: int

    @property
    def seconds(self) -> int:
        return self.ends - self.starts

    @property
    def starts_at(self) -> datetime:
        return datetime.fromtimestamp(self.starts, UTC)


@dataclass(slots=True)
class Folded:
    """What the events say. `state` is `wrap_up` after an answered call until it is closed.

    `waiting_since` is the second from which the caller has waited for somebody to speak to; None
    while somebody is there, and while audio with them is being restored.
    """

    started: int
    state_since: int
    waiting_since: int | None
    state: CallState = CallState.RINGING
    outcome: CallOutcome | None = None
    generation: int = 0
    agent_id: int | None = None
    answered: int | None = None
    ended: int | None = None
    segments: list[Segment] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        return self.ended is not None

    def seconds(self) -> dict[str, int]:
        """Whole seconds by part (ring, queue, connect, talk, hold, transfer)."""
        totals = dict.fromkeys(PARTS, 0)
        for segment in self.segments:
            totals[PART_OF_STATE[segment.state]] += segment.seconds
        return totals

    def move(self, state: CallState, second: int) -> None:
        """Close the running segment at `second` and enter `state`; nothing if it is the state already."""
        if state == self.state:
            return
        if second > self.state_since:
            self.segments.append(Segment(self.state, self.state_since, second))
        if state == CallState.QUEUED and self.waiting_since is None:
            self.waiting_since = second
        if state == CallState.TALKING:
            self.waiting_since = None
        self.state, self.state_since = state, second

    def end(self, outcome: CallOutcome, second: int) -> None:
        """The caller's leg is over; an answered call goes to wrap-up, any other is closed."""
        over = CallState.WRAP_UP if outcome == CallOutcome.ANSWERED else CallState.CLOSED
        self.move(over, second)
        self.outcome, self.ended = outcome, second


def _queued(call: Folded, event: LedgerEvent, second: int) -> None:
    if call.state == CallState.RINGING:
        call.move(CallState.QUEUED, second)


def _claimed(call: Folded, event: LedgerEvent, second: int) -> None:
    call.generation = event.generation or call.generation + 1
    call.agent_id = event.agent_id
    call.move(CallState.CONNECTING, second)


def _joined(call: Folded, event: LedgerEvent, second: int) -> None:
    if call.state == CallState.CONNECTING and event.generation == call.generation:
        call.move(CallState.TALKING, second)
        if call.answered is None:
            call.answered = second


def _audio_lost(call: Folded, event: LedgerEvent, second: int) -> None:
    if call.state in (CallState.TALKING, CallState.HELD) and event.generation == call.generation:
        call.move(CallState.CONNECTING, second)


def _audio_renewed(call: Folded, event: LedgerEvent, second: int) -> None:
    if call.state in AGENT_STATES:
        call.generation = event.generation or call.generation + 1
        call.move(CallState.CONNECTING, second)


def _claim_expired(call: Folded, event: LedgerEvent, second: int) -> None:
    """The call was taken from its agent, also if they turn out to have joined just before."""
    if call.state in AGENT_STATES and event.generation == call.generation:
        call.agent_id = None
        call.move(CallState.QUEUED, second)


def _switch(source: CallState, target: CallState) -> "Transition":
    def move(call: Folded, event: LedgerEvent, second: int) -> None:
        if call.state == source:
            call.move(target, second)

    return move


def _ends_as(outcome: CallOutcome) -> "Transition":
    """The end of a call whose caller was waiting; with somebody there it was answered."""

    def end(call: Folded, event: LedgerEvent, second: int) -> None:
        call.end(CallOutcome.ANSWERED if call.waiting_since is None else outcome, second)

    return end


Transition = Callable[[Folded, LedgerEvent, int], None]

TRANSITIONS: dict[str, Transition] = {
    EventKind.QUEUED: _queued,
    EventKind.CLAIMED: _claimed,
    EventKind.AGENT_JOINED: _joined,
    EventKind.AUDIO_LOST: _audio_lost,
    EventKind.AUDIO_RENEWED: _audio_renewed,
    EventKind.CLAIM_EXPIRED: _claim_expired,
    EventKind.HELD: _switch(CallState.TALKING, CallState.HELD),
    EventKind.RESUMED: _switch(CallState.HELD, CallState.TALKING),
    EventKind.TRANSFER_STARTED: _switch(CallState.TALKING, CallState.TRANSFERRING),
    EventKind.TRANSFER_ENDED: _switch(CallState.TRANSFERRING, CallState.TALKING),
    EventKind.CALLER_LEFT: _ends_as(CallOutcome.ABANDONED),
    EventKind.AGENT_ENDED: _ends_as(CallOutcome.FAILED),
    EventKind.GAVE_UP: _ends_as(CallOutcome.MISSED),
    EventKind.LINE_CLOSED: _ends_as(CallOutcome.MISSED),
    EventKind.BLOCKED: _ends_as(CallOutcome.BLOCKED),
    EventKind.FAILED: _ends_as(CallOutcome.FAILED),
}


def fold(events: Iterable[LedgerEvent]) -> Folded:
    """State, generation and segments after all events; needs at least one event.

    A call begins with its `arrived` event; what is dated before it counts as happening
    at that second. Nothing moves a call that is over: the earliest end stands, therefore
    one more event never makes a call longer.
    """
    ordered = sorted(events, key=lambda event: (event.occurred_at, event.sequence, event.id))
    first = next((event for event in ordered if event.kind == EventKind.ARRIVED), ordered[0])
    begin = epoch_second(first.occurred_at)
    call = Folded(started=begin, state_since=begin, waiting_since=begin)
    for event in ordered:
        transition = TRANSITIONS.get(event.kind)
        if transition is not None and not call.is_over:
            transition(call, event, max(epoch_second(event.occurred_at), begin))
    return call
