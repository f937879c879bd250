"""What a carrier reports late, early, twice or from a clock of its own."""

from datetime import timedelta

from calls.models import Call, Disposition, Party
from calls.services import caller_hung_up, claim_call, close_call, end_call, hold_call, renew_audio, run_due_timers
from calls.services.book import CallBook
from calls.states import CallOutcome, CallState, EventKind
from inquiries.models import Inquiry
from inquiries.tasks import request_call_backs
from tests.calls.acts import dial, hear, keep_consoles_alive, kinds_of, report, seconds_of
from tests.calls.conftest import Clock, Commits
from tests.calls.spy import SpyCarrier
from tests.cast import House, ring, talk


def test_a_fact_from_the_future_does_not_date_our_commands(clock: Clock, spy: SpyCarrier, house: House) -> None:
    call = claim_call(dial(house.line).pk, agent=house.agent)
    report(call, EventKind.AGENT_JOINED, clock.now() + timedelta(hours=1), generation=1)
    clock.forward(30)
    call = end_call(call.pk, agent=house.agent)
    assert call.ended_at == clock.now().replace(microsecond=0)
    assert seconds_of(call) == {"talk": 30}


def test_a_call_that_arrives_from_the_future_has_begun_by_now(clock: Clock, spy: SpyCarrier, house: House) -> None:
    call = dial(house.line, at=clock.now() + timedelta(minutes=10))
    assert call.started_at == clock.now().replace(microsecond=0)


def test_a_late_join_does_not_give_back_a_call_to_an_agent_in_another(
    clock: Clock, spy: SpyCarrier, house: House
) -> None:
    lost = claim_call(dial(house.line).pk, agent=house.agent)
    clock.forward(11)
    run_due_timers()
    keep_consoles_alive()
    other = talk(ring(house.line, number="+37126999999"), house.agent)
    lost = report(lost, EventKind.AGENT_JOINED, clock.now() - timedelta(seconds=2), generation=1)
    assert (lost.state, lost.agent_id, seconds_of(lost)["talk"]) == (CallState.QUEUED, None, 2)
    assert Call.objects.held_by(house.agent).get() == other


def test_audio_of_an_agent_who_lost_the_call_is_hung_up(
    clock: Clock, spy: SpyCarrier, commits: Commits, house: House
) -> None:
    with commits():
        call = claim_call(dial(house.line).pk, agent=house.agent)
    clock.forward(11)
    with commits():
        run_due_timers()
    with commits():
        report(call, EventKind.AGENT_JOINED, clock.now(), generation=1)
    assert spy.orders == [
        ("connect_agent", house.agent.pk, 1),
        ("hang_up_agent", house.agent.pk, 1),
        ("hold", None, 1),
        ("hang_up_agent", None, 1),
    ]


def test_renewed_audio_replaces_that_of_the_older_generation(
    clock: Clock, spy: SpyCarrier, commits: Commits, house: House
) -> None:
    with commits():
        call = claim_call(dial(house.line).pk, agent=house.agent)
    with commits():
        renew_audio(call.pk, party=Party.AGENT, agent=house.agent)
    agent = house.agent.pk
    assert [order for order in spy.orders if order[0] != "hold"] == [
        ("connect_agent", agent, 1),
        ("hang_up_agent", agent, 1),
        ("connect_agent", agent, 2),
    ]


def test_a_call_that_turns_out_to_have_been_answered_is_not_called_back(
    clock: Clock, spy: SpyCarrier, house: House
) -> None:
    call = claim_call(dial(house.line).pk, agent=house.agent)
    joined_at = clock.forward(2)
    call = report(call, EventKind.CALLER_LEFT, clock.forward(5))
    other = ring(house.line, number="+37126999999")
    report(other, EventKind.CALLER_LEFT, clock.forward(1))
    assert (call.outcome, request_call_backs()) == (CallOutcome.ABANDONED, 2)
    call = report(call, EventKind.AGENT_JOINED, joined_at, generation=1)
    assert (call.outcome, request_call_backs()) == (CallOutcome.ANSWERED, 0)
    assert [inquiry.call for inquiry in Inquiry.objects.all()] == [other]


def test_a_hang_up_that_waits_for_the_database_counts_as_of_when_it_came(clock: Clock, house: House) -> None:
    call = talk(ring(house.line), house.agent)
    reported_at = clock.forward(10)
    clock.forward(20)
    call = caller_hung_up(call, key="page", ago=timedelta(seconds=2), reported_at=reported_at)
    assert call.ended_at == (reported_at - timedelta(seconds=2)).replace(microsecond=0)


def test_an_earlier_end_that_is_reported_late_corrects_all(clock: Clock, spy: SpyCarrier, house: House) -> None:
    call = claim_call(dial(house.line).pk, agent=house.agent)
    report(call, EventKind.AGENT_JOINED, clock.forward(0.1), generation=1)
    left_at = clock.forward(20)
    clock.forward(10)
    end_call(call.pk, agent=house.agent)
    closed_at = clock.forward(5).replace(microsecond=0)
    before = close_call(call.pk, agent=house.agent, disposition=Disposition.INFORMED)
    call = report(call, EventKind.CALLER_LEFT, left_at)
    assert (seconds_of(call), call.total_seconds) == ({"talk": 20}, 20)
    assert (call.closed_at, call.wrap_up_seconds) == (closed_at, 15)
    assert call.ledger_version == before.ledger_version + 1


def test_a_repeated_report_changes_nothing(clock: Clock, spy: SpyCarrier, house: House) -> None:
    call = claim_call(dial(house.line).pk, agent=house.agent)
    joined_at = clock.forward(0.1)
    once = report(call, EventKind.AGENT_JOINED, joined_at, key="CA1:1", generation=1)
    clock.forward(5)
    twice = report(call, EventKind.AGENT_JOINED, joined_at, key="CA1:1", generation=1)
    assert twice.ledger_version == once.ledger_version
    assert kinds_of(call).count("agent_joined") == 1


def test_a_call_thought_abandoned_is_wrapped_up_when_a_join_turns_up(
    clock: Clock, spy: SpyCarrier, house: House
) -> None:
    call = claim_call(dial(house.line).pk, agent=house.agent)
    joined_at = clock.forward(3)
    clock.forward(40)
    call = report(call, EventKind.CALLER_LEFT, clock.now())
    assert (call.outcome, call.state) == (CallOutcome.ABANDONED, CallState.CLOSED)
    call = report(call, EventKind.AGENT_JOINED, joined_at, generation=1)
    assert (call.outcome, call.state, call.closed_at) == (CallOutcome.ANSWERED, CallState.WRAP_UP, None)
    assert seconds_of(call) == {"connect": 3, "talk": 40}
    call = close_call(call.pk, agent=house.agent, disposition=Disposition.INFORMED)
    assert call.state == CallState.CLOSED


def test_a_clock_that_is_set_back_keeps_commands_in_order(clock: Clock, house: House) -> None:
    call = ring(house.line)
    clock.forward(-5)
    call = talk(call, house.agent)
    call = hold_call(call.pk, agent=house.agent)
    assert call.state == CallState.HELD
    assert kinds_of(call) == ["arrived", "queued", "claimed", "agent_joined", "held"]


def test_whoever_falls_silent_right_after_joining_does_not_keep_the_call(clock: Clock, house: House) -> None:
    call = claim_call(ring(house.line).pk, agent=house.agent)
    hear(call, Party.CALLER)
    assert hear(call, Party.AGENT).state == CallState.TALKING
    call.legs.filter(party=Party.AGENT).update(heartbeat_at=clock.now() - timedelta(milliseconds=3))
    clock.forward(16)
    hear(call, Party.CALLER)
    run_due_timers()
    call.refresh_from_db()
    assert (call.state, call.agent_id) == (CallState.QUEUED, None)


def test_an_end_before_the_arrival_counts_from_the_arrival(clock: Clock, spy: SpyCarrier, house: House) -> None:
    call = dial(house.line)
    call = report(call, EventKind.CALLER_LEFT, clock.now() - timedelta(seconds=9))
    assert (call.outcome, call.total_seconds) == (CallOutcome.ABANDONED, 0)


def test_an_agent_who_ends_before_speaking_leaves_one_call_back(clock: Clock, commits: Commits, house: House) -> None:
    with commits():
        call = claim_call(ring(house.line).pk, agent=house.agent)
    with commits():
        call = end_call(call.pk, agent=house.agent)
    assert call.outcome == CallOutcome.FAILED
    assert Inquiry.objects.filter(call=call, kind="callback").count() == 1


def test_a_command_of_ours_is_not_for_carriers_to_report(clock: Clock, spy: SpyCarrier, house: House) -> None:
    call = dial(house.line)
    try:
        report(call, EventKind.CLAIMED, clock.now())
    except ValueError:
        assert kinds_of(call) == ["arrived", "queued"]
    else:
        raise AssertionError("a carrier claimed a call")


def test_the_stored_call_is_what_its_events_say(clock: Clock, house: House) -> None:
    call = talk(ring(house.line), house.agent)
    clock.forward(12)
    call = end_call(call.pk, agent=house.agent)
    stored = Call.objects.filter(pk=call.pk).values().get()
    CallBook(call).settle()
    assert Call.objects.filter(pk=call.pk).values().get() == stored
