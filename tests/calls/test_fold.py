"""Properties of the ledger: whatever events come, in whatever order, the books balance."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from calls.ledger import Folded, fold
from calls.states import AGENT_STATES, REPORTED_KINDS, CallOutcome, CallState, EventKind

BEGIN = datetime(2026, 11, 20, 9, 0, 0, 900_000, tzinfo=UTC)
ENDING_FACTS = (EventKind.CALLER_LEFT, EventKind.FAILED)
COMMANDS = [EventKind.QUEUED, EventKind.CLAIMED, EventKind.CLAIM_EXPIRED, EventKind.AUDIO_RENEWED, EventKind.GAVE_UP]


@dataclass(frozen=True)
class Event:
    kind: str
    occurred_at: datetime
    sequence: int = 0
    id: int = 0
    generation: int | None = None
    agent_id: int | None = None


def at(second: float, kind: EventKind, *, generation: int | None = None, agent: int | None = None) -> Event:
    return Event(kind, BEGIN + timedelta(seconds=second), generation=generation, agent_id=agent)


def told(*events: Event) -> Folded:
    return fold([at(0, EventKind.ARRIVED), *(replace(event, id=n) for n, event in enumerate(events, 1))])


offsets = st.timedeltas(timedelta(seconds=-3), timedelta(seconds=40))
kinds = st.sampled_from([kind for kind in EventKind if kind != EventKind.ARRIVED])
generations = st.sampled_from([1, 1, 2, None])


@st.composite
def events_of(draw: st.DrawFn, kinds: st.SearchStrategy[EventKind] = kinds) -> list[Event]:
    """Any events after an arrival, also such as no carrier and no agent could cause."""
    drawn = draw(st.lists(st.tuples(kinds, offsets, st.integers(0, 2), generations), max_size=14))
    return [
        Event(
            kind,
            BEGIN + offset,
            sequence,
            number,
            generation,
            agent_id=draw(st.integers(1, 3)) if kind == EventKind.CLAIMED else None,
        )
        for number, (kind, offset, sequence, generation) in enumerate(drawn, 2)
    ]


ARRIVED = Event(EventKind.ARRIVED, BEGIN, id=1)


@given(events_of(), st.randoms())
def test_the_order_of_arrival_does_not_matter(events: list[Event], random: Random) -> None:
    shuffled = [ARRIVED, *events]
    random.shuffle(shuffled)
    assert fold(shuffled) == fold([ARRIVED, *events])


@given(events_of())
def test_the_parts_always_add_up_to_the_call(events: list[Event]) -> None:
    call = fold([ARRIVED, *events])
    until = call.state_since if call.ended is None else call.ended
    assert sum(call.seconds().values()) == until - call.started
    assert all(seconds >= 0 for seconds in call.seconds().values())


@given(events_of())
def test_segments_follow_each_other_without_gap_or_overlap(events: list[Event]) -> None:
    call = fold([ARRIVED, *events])
    assert all(before.ends == after.starts for before, after in pairwise(call.segments))
    assert all(before.state != after.state for before, after in pairwise(call.segments))
    assert all(segment.seconds > 0 for segment in call.segments)
    if call.segments:
        assert (call.segments[0].starts, call.segments[-1].ends) == (call.started, call.state_since)


@given(events_of(), events_of())
def test_nothing_moves_a_call_after_its_end(events: list[Event], later: list[Event]) -> None:
    call = fold([ARRIVED, *events])
    if call.ended is None:
        return
    last = max(event.occurred_at for event in [ARRIVED, *events])
    shift = last - BEGIN + timedelta(seconds=4)
    moved = [replace(event, occurred_at=event.occurred_at + shift, id=event.id + 100) for event in later]
    assert fold([ARRIVED, *events, *moved]) == call


@given(events_of(), events_of())
def test_one_more_event_never_makes_a_call_longer(events: list[Event], more: list[Event]) -> None:
    before = fold([ARRIVED, *events])
    after = fold([ARRIVED, *events, *(replace(event, id=event.id + 100) for event in more)])
    if before.ended is not None:
        assert after.ended is not None
        assert after.ended <= before.ended


@settings(max_examples=400)
@given(
    events_of(st.sampled_from(COMMANDS)),
    events_of(st.sampled_from([kind for kind in REPORTED_KINDS if kind not in ENDING_FACTS])),
)
def test_who_has_the_call_depends_on_commands_alone(commands: list[Event], facts: list[Event]) -> None:
    plain = fold([ARRIVED, *commands])
    with_facts = fold([ARRIVED, *commands, *(replace(event, id=event.id + 100) for event in facts)])
    assert (with_facts.agent_id, with_facts.generation) == (plain.agent_id, plain.generation)
    assert (with_facts.state in AGENT_STATES) == (plain.state in AGENT_STATES)
    assert with_facts.ended == plain.ended


@given(events_of())
def test_a_call_that_is_over_has_one_outcome_and_an_open_one_none(events: list[Event]) -> None:
    call = fold([ARRIVED, *events])
    assert (call.outcome is None) == (call.ended is None)
    assert (call.state in (CallState.WRAP_UP, CallState.CLOSED)) == call.is_over
    assert (call.state == CallState.WRAP_UP) == (call.outcome == CallOutcome.ANSWERED)


def test_a_claim_that_expired_ends_the_talk_of_a_late_join() -> None:
    call = told(
        at(0, EventKind.QUEUED),
        at(1, EventKind.CLAIMED, generation=1, agent=7),
        at(10, EventKind.AGENT_JOINED, generation=1),
        at(11, EventKind.CLAIM_EXPIRED, generation=1),
        at(13, EventKind.CLAIMED, generation=2, agent=8),
    )
    assert (call.state, call.agent_id, call.generation) == (CallState.CONNECTING, 8, 2)
    assert call.seconds()["talk"] == 1


def test_audio_of_an_older_generation_does_not_join() -> None:
    call = told(
        at(1, EventKind.CLAIMED, generation=1, agent=7),
        at(5, EventKind.AUDIO_RENEWED, generation=2),
        at(6, EventKind.AGENT_JOINED, generation=1),
    )
    assert (call.state, call.answered) == (CallState.CONNECTING, None)


def test_who_hangs_up_while_the_second_agent_connects_was_waiting() -> None:
    first = (at(1, EventKind.CLAIMED, generation=1, agent=7), at(2, EventKind.AGENT_JOINED, generation=1))
    lost = (at(20, EventKind.AUDIO_LOST, generation=1), at(30, EventKind.CLAIM_EXPIRED, generation=1))
    call = told(*first, *lost, at(33, EventKind.CLAIMED, generation=2, agent=8), at(35, EventKind.CALLER_LEFT))
    assert (call.outcome, call.seconds()["talk"]) == (CallOutcome.ABANDONED, 18)


def test_who_hangs_up_while_their_agent_reconnects_was_answered() -> None:
    call = told(
        at(1, EventKind.CLAIMED, generation=1, agent=7),
        at(2, EventKind.AGENT_JOINED, generation=1),
        at(20, EventKind.AUDIO_RENEWED, generation=2),
        at(25, EventKind.CALLER_LEFT),
    )
    assert (call.outcome, call.state) == (CallOutcome.ANSWERED, CallState.WRAP_UP)


def test_an_agent_who_ends_before_speaking_has_answered_nobody() -> None:
    call = told(at(1, EventKind.CLAIMED, generation=1, agent=7), at(3, EventKind.AGENT_ENDED))
    assert (call.outcome, call.state) == (CallOutcome.FAILED, CallState.CLOSED)


def test_a_call_that_fails_in_mid_talk_was_answered() -> None:
    call = told(
        at(1, EventKind.CLAIMED, generation=1, agent=7),
        at(2, EventKind.AGENT_JOINED, generation=1),
        at(9, EventKind.FAILED),
    )
    assert (call.outcome, call.seconds()["talk"]) == (CallOutcome.ANSWERED, 7)
