"""What callers and carriers send that is not as it should be."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from answering.lib import clock as real_clock
from calls.carriers.base import Decision, InboundCall
from calls.carriers.browser.entry import Attempt, place_call
from calls.errors import LineClosed, LineUnknown
from calls.models import Call, Caller
from calls.services import identify_caller, receive_call
from calls.states import CallOutcome, CallState
from tests.calls.conftest import Clock
from tests.cast import House, make_calendar, ring

LONG_LIGATURE = "\ufdfa"  # eighteen letters once it is decomposed


def inbound(dialled: str, **fields: str) -> InboundCall:
    return InboundCall(
        carrier="browser",
        event_key=fields.pop("event_key", f"browser:{uuid.uuid4()}:inbound"),
        dialled=dialled,
        occurred_at=real_clock.now(),
        **fields,
    )


@pytest.mark.parametrize("dialled", ["nowhere", "", "+37100000000", "+abc", "line\x00", "\ud800", "x" * 10_000])
def test_nobody_calls_an_unknown_line(house: House, dialled: str) -> None:
    with pytest.raises(LineUnknown):
        receive_call(inbound(dialled))
    assert not Call.objects.exists()


def test_nobody_calls_an_inactive_line(house: House) -> None:
    house.line.is_active = False
    house.line.save()
    with pytest.raises(LineUnknown):
        receive_call(inbound(house.line.slug))


def test_nobody_calls_a_company_that_has_left(house: House) -> None:
    house.client.closed_at = real_clock.now()
    house.client.save()
    with pytest.raises(LineUnknown):
        receive_call(inbound(house.line.slug))


def test_a_call_to_a_closed_line_is_over_at_once_and_learns_when_it_opens(clock: Clock, house: House) -> None:
    house.line.calendar = make_calendar(always=False)
    house.line.save()
    clock.moment = datetime(2026, 11, 20, 20, tzinfo=UTC)  # Friday 22:00 in Riga
    arrival = inbound(house.line.slug, event_key="CA1:inbound")
    decision = receive_call(arrival)
    assert (decision.decision, decision.opens_at) == (Decision.CLOSED, datetime(2026, 11, 23, 7, tzinfo=UTC))
    call = Call.objects.get(public_id=decision.call)
    assert (call.outcome, call.state, call.total_seconds) == (CallOutcome.MISSED, CallState.CLOSED, 0)
    assert not call.offers.exists()
    assert receive_call(arrival) == decision


def test_the_page_of_a_closed_line_makes_no_call(clock: Clock, house: House) -> None:
    house.line.calendar = make_calendar(always=False)
    house.line.save()
    clock.moment = datetime(2026, 11, 20, 20, tzinfo=UTC)
    with pytest.raises(LineClosed) as refusal:
        place_call(house.line, Attempt("k" * 32, "", "", "127.0.0.1"))
    assert refusal.value.opens_at == datetime(2026, 11, 23, 7, tzinfo=UTC)
    assert not Call.objects.exists()


def test_a_blocked_caller_is_rejected_and_offered_to_nobody(house: House) -> None:
    Caller.objects.create(client=house.client, number="+37126123456", is_blocked=True)
    decision = receive_call(inbound(house.line.slug, caller_number="+37126123456"))
    call = Call.objects.get(public_id=decision.call)
    assert decision.decision == Decision.REJECT
    assert (call.outcome, call.state, call.next_action_at) == (CallOutcome.BLOCKED, CallState.CLOSED, None)
    assert not call.offers.exists()


def test_a_replayed_arrival_is_the_same_call(house: House) -> None:
    arrival = inbound(house.line.slug, event_key="CA1:inbound")
    assert receive_call(arrival) == receive_call(arrival)
    assert Call.objects.count() == 1


@pytest.mark.parametrize("number", ["", "anonymous", "Restricted", "12", "+999999999999999999", "26\x00", "☎" * 50])
def test_a_withheld_or_malformed_number_is_no_caller_but_a_call(house: House, number: str) -> None:
    call = ring(house.line, number=number)
    assert (call.caller, call.caller_number, call.state) == (None, "", CallState.QUEUED)


def test_a_number_of_a_range_too_new_to_be_known_is_kept(house: House) -> None:
    assert ring(house.line, number="+37199123456").caller_number == "+37199123456"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Anna 👩‍👩‍👧 Ozola", "Anna 👩‍👩‍👧 Ozola"),
        ("عمر الخيام", "عمر الخيام"),
        ("\u202eanozO annA\u202c", "anozO annA"),
        ("An\x00na\x1b[31m\n Ozola", "Anna[31m Ozola"),
        ("Anna\ud83d", "Anna"),
        ("A" * 10_000, "A" * 200),
        (LONG_LIGATURE * 300, LONG_LIGATURE * 200),
        (" \t ", ""),
    ],
)
def test_any_name_can_be_stored(house: House, given: str, kept: str) -> None:
    assert ring(house.line, name=given).caller_name == kept


def test_any_name_can_be_told_later(house: House) -> None:
    call = ring(house.line, number="")
    call = identify_caller(call.pk, name=f"\x00{LONG_LIGATURE * 300}", number="26 123 456")
    call.refresh_from_db()
    assert (call.caller_name, call.caller_number) == (LONG_LIGATURE * 200, "+37126123456")
    assert call.caller is not None
    assert call.caller.name == call.caller_name


def test_a_nonsense_number_told_later_changes_nothing_but_the_name(house: House) -> None:
    call = ring(house.line)
    call = identify_caller(call.pk, name="Anna", number="it's secret")
    assert (call.caller_name, call.caller_number) == ("Anna", "+37126123456")


def test_a_call_that_arrives_late_began_when_its_carrier_says(clock: Clock, house: House) -> None:
    call = ring(house.line, at=clock.now() - timedelta(seconds=30))
    assert (call.ring_seconds, call.started_at) == (30, (clock.now() - timedelta(seconds=30)).replace(microsecond=0))
