"""Telephone calls from ring to end, through running servers on both sides."""

from datetime import timedelta

import pytest

from answering.lib import clock
from calls.carriers.twilio.enquiries import ask_about_callers
from calls.ledger import PARTS
from calls.models import Call, CallOffer, CarrierOrder, Disposition, Party
from calls.services import (
    claim_call,
    close_call,
    end_call,
    hold_call,
    order_runner,
    renew_audio,
    resume_call,
    run_due_timers,
)
from calls.states import CallOutcome, CallState, EventKind
from inquiries.models import Inquiry, InquiryKind
from inquiries.services import request_missing_call_backs
from tests.calls.acts import kinds_of
from tests.calls.threads import all_at_once, kinds
from tests.cast import make_agent
from tests.twilio.grammar import assert_valid_twiml
from tests.twilio.standin import Fault
from tests.twilio_carrier.telephone import Telephone


def test_a_call_from_ring_to_end(telephone: Telephone) -> None:
    call = telephone.dial(caller_name="Anna Ozola")
    assert (call.state, call.caller_number, call.caller_name) == (CallState.QUEUED, "+37126123456", "Anna Ozola")
    assert telephone.room(call).status == "init"

    call = telephone.claim(call)
    assert call.state == CallState.CONNECTING
    added = telephone.twilio.received("POST", "/Participants.json")
    assert [each.form["Label"] for each in added] == [[f"claim-{call.public_id}-1"]]

    call = telephone.pick_up(call)
    assert call.state == CallState.TALKING
    assert telephone.room(call).status == "in-progress"

    hold_call(call.pk, agent=telephone.house.agent)
    telephone.do_orders()
    assert telephone.caller(call).is_held
    resume_call(call.pk, agent=telephone.house.agent)
    telephone.do_orders()
    assert not telephone.caller(call).is_held

    end_call(call.pk, agent=telephone.house.agent)
    telephone.do_orders()
    assert telephone.caller_leg(call).status == "completed"
    assert telephone.headset(call).is_over
    telephone.deliver()
    call = close_call(call.pk, agent=telephone.house.agent, disposition=Disposition.INFORMED)
    assert (call.state, call.outcome) == (CallState.CLOSED, CallOutcome.ANSWERED)
    assert call.total_seconds == sum(getattr(call, f"{part}_seconds") for part in PARTS)


def test_a_caller_who_hangs_up_waiting_is_called_back(telephone: Telephone) -> None:
    call = telephone.hang_up(telephone.dial())
    assert (call.state, call.outcome) == (CallState.CLOSED, CallOutcome.ABANDONED)
    request_missing_call_backs()
    assert Inquiry.objects.get(call=call).kind == InquiryKind.CALLBACK


def test_a_caller_who_hangs_up_talking_ends_the_call(telephone: Telephone) -> None:
    call = telephone.hang_up(telephone.talk())
    assert (call.state, call.outcome) == (CallState.WRAP_UP, CallOutcome.ANSWERED)
    assert telephone.headset(call).is_over


def test_of_two_who_claim_at_once_one_is_rung(telephone: Telephone) -> None:
    other = make_agent("Ieva Liepa", clients=(telephone.house.client,))
    call = telephone.dial()
    results = all_at_once(
        lambda: claim_call(call.pk, agent=telephone.house.agent), lambda: claim_call(call.pk, agent=other)
    )
    assert kinds(results) == ["Call", "CallTaken"]
    telephone.do_orders()
    assert len(telephone.twilio.received("POST", "/Participants.json")) == 1


@pytest.mark.parametrize("status", ["busy", "failed", "no-answer", "canceled"])
def test_a_headset_that_does_not_answer_gives_the_call_to_the_next(telephone: Telephone, status: str) -> None:
    call = telephone.claim(telephone.dial())
    telephone.twilio.exchange.refuse(telephone.headset(call).sid, status)
    telephone.deliver()
    call.refresh_from_db()
    assert (call.state, call.agent_id) == (CallState.QUEUED, None)
    assert "agent_failed" in kinds_of(call)
    assert CallOffer.objects.filter(call=call).open().exists()
    call = telephone.pick_up(telephone.claim(call))
    assert (call.state, call.generation) == (CallState.TALKING, 2)
    assert not telephone.caller(call).is_held


def test_an_agent_whose_browser_is_gone_leaves_the_caller_with_music_and_may_return(telephone: Telephone) -> None:
    call = telephone.talk()
    telephone.twilio.exchange.hang_up(telephone.headset(call).sid)
    telephone.deliver()
    telephone.do_orders()
    call.refresh_from_db()
    assert call.state == CallState.CONNECTING
    assert telephone.caller(call).is_held
    renew_audio(call.pk, party=Party.AGENT, agent=telephone.house.agent)
    telephone.do_orders()
    telephone.deliver()
    call = telephone.pick_up(call)
    assert (call.state, call.generation, call.agent) == (CallState.TALKING, 2, telephone.house.agent)
    assert not telephone.caller(call).is_held


def test_audio_of_an_older_generation_is_hung_up(telephone: Telephone) -> None:
    call = telephone.talk()
    old = telephone.headset(call)
    renew_audio(call.pk, party=Party.AGENT, agent=telephone.house.agent)
    telephone.do_orders()
    assert old.is_over
    assert not telephone.headset(call).is_over


def test_nobody_free_in_time_is_told_and_called_back(telephone: Telephone) -> None:
    call = telephone.dial()
    long_ago = clock.now() - timedelta(minutes=10)
    Call.objects.filter(pk=call.pk).update(waiting_since=long_ago, next_action_at=long_ago)
    run_due_timers()
    telephone.do_orders()
    call.refresh_from_db()
    assert call.outcome == CallOutcome.MISSED
    document = telephone.caller_leg(call).moved_to
    assert_valid_twiml(document)
    assert "lv-LV" in document
    assert telephone.caller_leg(call).is_over


# -- Twilio's API fails ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        Fault.status(500),
        Fault.status(500, happens=True),
        Fault.status(429),
        Fault.status(401, 20003),
        Fault.garbage(happens=True),
        Fault.truncated(happens=True),
        Fault.hangs_up(),
        Fault.hangs_up(happens=True),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.told.status if fault.told else ''}-{fault.happens}",
)
def test_an_agent_is_rung_once_whatever_the_first_answer_was(telephone: Telephone, fault: Fault) -> None:
    call = telephone.dial()
    telephone.twilio.fail(fault, method="POST", path="/Participants")
    call = telephone.claim(call)
    ringing = [leg for leg in telephone.twilio.exchange.calls.values() if leg.to.startswith("client:")]
    assert len(ringing) == 1
    assert telephone.pick_up(call).state == CallState.TALKING


@pytest.mark.parametrize("status", [400, 404, 409])
def test_what_twilio_refuses_is_not_tried_again_and_the_call_goes_on(telephone: Telephone, status: int) -> None:
    call = telephone.dial()
    telephone.twilio.fail(Fault.status(status, 21211), method="POST", path="/Participants")
    telephone.claim(call)
    call.refresh_from_db()
    assert call.state == CallState.QUEUED
    assert CarrierOrder.objects.get(call=call, order="connect_agent").outcome == "refused"
    assert CallOffer.objects.filter(call=call).open().exists()


def test_an_end_that_twilio_did_not_take_is_told_again(telephone: Telephone) -> None:
    call = telephone.talk()
    telephone.twilio.fail(Fault.status(503), method="POST", path="/Calls/", times=2)
    end_call(call.pk, agent=telephone.house.agent)
    telephone.do_orders()
    assert telephone.caller_leg(call).is_over
    assert CarrierOrder.objects.get(call=call, order="end").attempts == 3


def test_what_the_call_no_longer_asks_for_is_not_told(telephone: Telephone) -> None:
    call = telephone.talk()
    telephone.twilio.fail(Fault.status(503), method="POST", path="/Participants/", times=1)
    hold_call(call.pk, agent=telephone.house.agent)
    assert telephone.twilio is not None
    resume_call(call.pk, agent=telephone.house.agent)
    telephone.do_orders()
    assert not telephone.caller(call).is_held


def test_an_order_whose_process_was_killed_keeps_nobody_waiting(telephone: Telephone) -> None:
    """Its lease runs on, but the call has gone on to the next agent."""
    call = claim_call(telephone.dial().pk, agent=telephone.house.agent)
    assert order_runner.flush(20)
    CarrierOrder.objects.filter(call=call).update(
        outcome="due", finished_at=None, leased_until=clock.now() + timedelta(minutes=1), attempts=1
    )
    Call.objects.filter(pk=call.pk).update(claim_expires_at=clock.now(), next_action_at=clock.now())
    run_due_timers()
    call = telephone.pick_up(telephone.claim(call))
    assert (call.state, call.generation) == (CallState.TALKING, 2)


def test_a_lost_end_is_found_by_asking(telephone: Telephone) -> None:
    call = telephone.talk()
    telephone.twilio.exchange.hang_up(call.carrier_call)
    telephone.twilio.exchange.webhooks.clear()
    assert ask_about_callers() == 0
    Call.objects.filter(pk=call.pk).update(started_at=clock.now() - timedelta(minutes=2))
    assert ask_about_callers() == 1
    call.refresh_from_db()
    assert call.outcome == CallOutcome.ANSWERED
    assert kinds_of(call)[-1] == EventKind.CALLER_LEFT
    assert ask_about_callers() == 0


def test_a_call_that_goes_on_is_asked_about_once_a_minute(telephone: Telephone) -> None:
    call = telephone.talk()
    Call.objects.filter(pk=call.pk).update(started_at=clock.now() - timedelta(minutes=2))
    assert ask_about_callers() == 1
    assert ask_about_callers() == 0
    call.refresh_from_db()
    assert call.state == CallState.TALKING
