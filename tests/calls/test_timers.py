"""What happens when time passes and nobody does anything."""

import uuid
from datetime import timedelta

import pytest

from calls.errors import NotSupported, WrongState
from calls.models import Call, CallLeg, Disposition, Party
from calls.services import (
    claim_call,
    close_call,
    end_call,
    hold_call,
    note_heartbeat,
    note_leaving,
    renew_audio,
    run_due_timers,
    timers,
)
from calls.services.book import CallBook
from calls.states import CallOutcome, CallState
from tests.calls.acts import dial, hear, keep_consoles_alive, seconds_of
from tests.calls.conftest import Clock
from tests.calls.spy import SpyCarrier
from tests.cast import House, ring, talk


def after(clock: Clock, seconds: float, call: Call) -> Call:
    """The call when so much time has passed and the dispatcher has been round."""
    clock.forward(seconds)
    run_due_timers()
    call.refresh_from_db()
    return call


def test_a_caller_not_heard_for_15_s_left_at_the_last_sign_of_life(clock: Clock, house: House) -> None:
    call = talk(ring(house.line), house.agent)
    clock.forward(20)
    hear(call)
    clock.forward(14)
    hear(call, Party.AGENT)
    assert after(clock, 0, call).state == CallState.TALKING
    call = after(clock, 1, call)
    assert (call.outcome, call.state, seconds_of(call)) == (CallOutcome.ANSWERED, CallState.WRAP_UP, {"talk": 20})


def test_an_agent_not_heard_for_15_s_loses_the_call_which_waits_again(clock: Clock, house: House) -> None:
    call = talk(ring(house.line), house.agent)
    clock.forward(20)
    hear(call)
    clock.forward(15)
    hear(call, Party.CALLER)
    call = after(clock, 0, call)
    assert (call.state, call.agent_id) == (CallState.QUEUED, None)
    assert seconds_of(call) == {"talk": 20, "connect": 15}


def test_a_page_that_leaves_and_returns_within_5_s_keeps_the_call(clock: Clock, house: House) -> None:
    call = talk(ring(house.line), house.agent)
    clock.forward(10)
    hear(call)
    note_leaving(call, party=Party.CALLER)
    assert after(clock, 4, call).state == CallState.TALKING
    renew_audio(call.pk, party=Party.CALLER)
    call = after(clock, 2, call)
    assert (call.state, call.generation) == (CallState.CONNECTING, 2)
    call = hear(call)
    assert (call.state, seconds_of(call)) == (CallState.TALKING, {"talk": 10, "connect": 6})


def test_a_page_that_leaves_for_good_is_gone_as_of_then(clock: Clock, house: House) -> None:
    call = talk(ring(house.line), house.agent)
    clock.forward(10)
    hear(call)
    note_leaving(call, party=Party.CALLER)
    call = after(clock, 5, call)
    assert (call.outcome, call.total_seconds) == (CallOutcome.ANSWERED, 10)


def test_wrap_up_ends_at_its_limit_however_late_it_is_noticed(clock: Clock, house: House) -> None:
    call = talk(ring(house.line), house.agent)
    clock.forward(10)
    end_call(call.pk, agent=house.agent)
    call = after(clock, 3600, call)
    assert (call.state, call.disposition, call.wrap_up_seconds) == (CallState.CLOSED, Disposition.NONE, 60)


def test_a_result_after_the_limit_corrects_the_missing_one(clock: Clock, house: House) -> None:
    call = talk(ring(house.line), house.agent)
    end_call(call.pk, agent=house.agent)
    closed = after(clock, 61, call)
    version, closed_at = closed.ledger_version, closed.closed_at
    call = close_call(call.pk, agent=house.agent, disposition=Disposition.SPAM)
    assert (call.disposition, call.closed_at, call.ledger_version) == (Disposition.SPAM, closed_at, version + 1)
    with pytest.raises(WrongState):
        close_call(call.pk, agent=house.agent, disposition=Disposition.MESSAGE)


@pytest.fixture
def outage(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    """We have been away and come back 10 s from now."""
    resumed_at = clock.now() + timedelta(seconds=40)
    monkeypatch.setattr(timers, "last_outage_end", lambda *parts: resumed_at)
    clock.forward(30)


@pytest.mark.usefixtures("outage")
def test_for_15_s_after_our_own_outage_nobody_is_given_up(clock: Clock, house: House) -> None:
    clock.forward(-30)
    keep_consoles_alive()
    talking, waiting = talk(ring(house.line), house.agent), ring(house.line, number="+37126999999")
    clock.forward(54)
    assert after(clock, 0, talking).state == CallState.TALKING
    waiting.refresh_from_db()
    assert waiting.state == CallState.QUEUED
    after(clock, 1, talking)
    waiting.refresh_from_db()
    assert (talking.state, talking.total_seconds) == (CallState.WRAP_UP, 0)
    assert (waiting.outcome, waiting.total_seconds) == (CallOutcome.ABANDONED, 0)


@pytest.mark.usefixtures("outage")
def test_after_our_own_outage_open_offers_wait_for_the_consoles(clock: Clock, house: House) -> None:
    clock.forward(-30)
    keep_consoles_alive()
    call = ring(house.line)
    assert after(clock, 50, call).offers.open().count() == 1
    assert after(clock, 5, call).offers.open().count() == 0


def test_a_deadline_of_an_older_agents_leg_does_not_wake_the_dispatcher(clock: Clock, house: House) -> None:
    call = talk(ring(house.line), house.agent)
    clock.forward(15)
    hear(call, Party.CALLER)
    run_due_timers()
    keep_consoles_alive()
    claimed = claim_call(call.pk, agent=house.agent)
    assert claimed.next_action_at == claimed.claim_expires_at


def test_a_call_that_stays_due_is_served_once_in_a_round(
    clock: Clock, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = ring(house.line)
    monkeypatch.setattr(timers, "_advance", lambda book, resumed_at: None)
    clock.forward(20)
    assert [run_due_timers(), run_due_timers()] == [1, 0]
    call.refresh_from_db()
    assert call.next_action_at is not None
    assert call.next_action_at > clock.now()


def test_a_call_that_cannot_be_served_does_not_keep_others_waiting(
    clock: Clock, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = ring(house.line), ring(house.line, number="+37126999999")
    advance = timers._advance

    def fail_for_one(book: CallBook, resumed_at: object) -> None:
        if book.call.pk == broken.pk:
            raise RuntimeError
        advance(book, None)

    monkeypatch.setattr(timers, "_advance", fail_for_one)
    clock.forward(95)
    assert run_due_timers() == 2
    sound.refresh_from_db()
    broken.refresh_from_db()
    assert sound.is_over
    assert broken.next_action_at == clock.now() + timers.AFTER_A_FAULT


def test_more_calls_than_one_batch_are_all_served(clock: Clock, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timers, "BATCH", 2)
    rung = [ring(house.line, number=f"+3712612345{n}") for n in range(5)]
    clock.forward(95)
    assert [run_due_timers(), run_due_timers(), run_due_timers(), run_due_timers()] == [2, 2, 1, 0]
    assert all(Call.objects.get(pk=call.pk).is_over for call in rung)


def test_a_heartbeat_of_a_generation_to_come_is_refused(clock: Clock, house: House) -> None:
    call = ring(house.line)
    with pytest.raises(WrongState):
        note_heartbeat(call, party=Party.CALLER, generation=9, packets_received=1)
    assert CallLeg.objects.get(call=call).generation == 0


def test_a_heartbeat_of_an_older_generation_proves_nothing(clock: Clock, house: House) -> None:
    call = talk(ring(house.line), house.agent)
    renew_audio(call.pk, party=Party.AGENT, agent=house.agent)
    call.refresh_from_db()
    for party in Party:
        note_heartbeat(call, party=party, generation=1, packets_received=999)
    call.refresh_from_db()
    assert call.state == CallState.CONNECTING


def test_hold_is_refused_where_the_carrier_cannot(clock: Clock, spy: SpyCarrier, house: House) -> None:
    spy.capabilities = frozenset()
    call = talk(dial(house.line), house.agent)
    with pytest.raises(NotSupported):
        hold_call(call.pk, agent=house.agent)
    call.refresh_from_db()
    assert call.state == CallState.TALKING


def test_a_call_of_a_carrier_that_is_gone_can_still_be_ended(clock: Clock, house: House) -> None:
    call = talk(dial(house.line, carrier=f"gone{uuid.uuid4().hex[:4]}"), house.agent)
    assert end_call(call.pk, agent=house.agent).outcome == CallOutcome.ANSWERED
