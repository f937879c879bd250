"""A lost call becomes a call-back request: once, and surely."""

from datetime import timedelta

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks
from structlog.testing import capture_logs

from answering.lib import clock
from calls.models import Call
from calls.services import end_call, identify_caller, run_due_timers
from inquiries import services
from inquiries.models import Inquiry, InquiryKind
from inquiries.services import answer_inquiry, request_call_back, request_missing_call_backs
from inquiries.tasks import request_call_backs
from tests.cast import House, make_house, ring, talk
from tests.inquiries.stories import at_once, lose_a_call

pytestmark = pytest.mark.django_db


def test_a_caller_who_hangs_up_waiting_is_called_back(
    house: House, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        call = lose_a_call(house)
    inquiry = Inquiry.objects.get(call=call)
    assert (inquiry.kind, inquiry.caller_number) == (InquiryKind.CALLBACK, "+37126123456")
    assert inquiry.received_at == call.ended_at


def test_a_call_nobody_took_within_the_limit_is_called_back(
    house: House, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    ring(house.line)
    Call.objects.update(waiting_since=clock.now() - timedelta(hours=1), next_action_at=clock.now())
    with django_capture_on_commit_callbacks(execute=True):
        run_due_timers()
    assert Inquiry.objects.get().kind == InquiryKind.CALLBACK


def test_an_answered_call_is_not_called_back(house: House) -> None:
    call = talk(ring(house.line), house.agent)
    end_call(call.pk, agent=house.agent)
    assert request_call_back(call.pk) is None
    assert request_missing_call_backs() == 0


def test_the_sweep_finds_a_call_whose_process_died_before_the_request_was_made(house: House) -> None:
    lose_a_call(house)  # nothing is committed here, so nobody is told
    assert not Inquiry.objects.exists()
    assert request_call_backs() == 1
    assert request_call_backs() == 0
    assert Inquiry.objects.count() == 1


def test_one_call_that_cannot_be_served_does_not_keep_the_others_from_their_request(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = lose_a_call(house, number="+37126000001")
    lose_a_call(house, number="+37126000002")
    made = services.request_call_back

    def stumble(call_id: int) -> Inquiry | None:
        if call_id == broken.pk:
            raise ValueError("broken")
        return made(call_id)

    monkeypatch.setattr(services, "request_call_back", stumble)
    with capture_logs() as logs:
        assert request_missing_call_backs() == 1
    assert [(entry["event"], entry["row"]) for entry in logs] == [("inquiry.not_requested", broken.pk)]


def test_what_the_caller_tells_later_is_added_while_the_request_is_open(
    house: House, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    call = lose_a_call(house, number="")
    inquiry = request_call_back(call.pk)
    assert inquiry
    with django_capture_on_commit_callbacks(execute=True):
        identify_caller(call.pk, name="Kristīne Ozoliņa", number="+37126123456")
    inquiry.refresh_from_db()
    assert (inquiry.caller_name, inquiry.caller_number) == ("Kristīne Ozoliņa", "+37126123456")
    assert inquiry.search_key == "kristine ozolina"
    answer_inquiry(inquiry.pk, agent=house.agent, note="")
    with django_capture_on_commit_callbacks(execute=True):
        identify_caller(call.pk, name="Somebody else")
    inquiry.refresh_from_db()
    assert inquiry.caller_name == "Kristīne Ozoliņa"


@pytest.mark.django_db(transaction=True)
def test_one_request_whoever_races() -> None:
    call = lose_a_call(make_house())
    Inquiry.objects.all().delete()
    made = at_once(lambda: getattr(request_call_back(call.pk), "pk", None), 4)
    assert made == [Inquiry.objects.get().pk] * 4
