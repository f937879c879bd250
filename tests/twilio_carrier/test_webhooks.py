"""Webhooks one by one: what is let in, what it says, and what nothing can make of it."""

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from answering.lib import clock
from answering.twilio.models import TwilioAccount
from calls.models import Call, Caller, CallEvent, CallRecording, TextMessage
from calls.services import claim_call
from calls.states import CallOutcome, CallState
from clients.models import Handling, Line, Notice, Situation
from inquiries.models import Inquiry, InquiryKind
from inquiries.services import request_from_missing_texts, request_missing_call_backs
from tests.calls.acts import kinds_of
from tests.cast import House, make_calendar
from tests.twilio.grammar import assert_valid_twiml
from tests.twilio.signing import signed_post
from tests.twilio.state import Subscriber, new_sid
from tests.twilio_carrier import payloads
from tests.twilio_carrier.telephone import PUBLIC, post

VOICE, STATUS = "/carriers/twilio/voice", "/carriers/twilio/status"
CONFERENCE, RECORDING, MESSAGE = (f"/carriers/twilio/{name}" for name in ("conference", "recording", "message"))


@pytest.fixture
def ring(client: Client, numbered: House, subscriber: Subscriber) -> Any:
    """Somebody calls; gives the call and the document that Twilio gets."""

    def ring_with(**changes: str) -> tuple[Call, str]:
        params = payloads.voice(**changes)
        answer = post(client, subscriber, VOICE, params)
        assert answer.status_code == 200
        assert_valid_twiml(answer.content.decode())
        return Call.objects.get(carrier_call=params["CallSid"]), answer.content.decode()

    return ring_with


def said(document: str) -> str:
    return " ".join(say.text or "" for say in ElementTree.fromstring(document).iter("Say"))  # noqa: S314


# -- who is let in ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", [VOICE, STATUS, CONFERENCE, RECORDING, MESSAGE])
@pytest.mark.parametrize("fault", ["unsigned", "wrongly signed", "other account", "changed on the way", "not posted"])
def test_strangers_leave_no_trace(
    client: Client, numbered: House, subscriber: Subscriber, path: str, fault: str
) -> None:
    params = payloads.voice()
    if fault == "unsigned":
        answer = client.post(path, params | {"AccountSid": subscriber.sid})
    elif fault == "wrongly signed":
        answer = post(client, subscriber, path, params, headers={"X-Twilio-Signature": "AAAA"})
    elif fault == "other account":
        answer = post(client, Subscriber(), path, params)
    elif fault == "changed on the way":
        fields = params | {"AccountSid": subscriber.sid}
        _body, headers = signed_post(subscriber.auth_token, f"{PUBLIC}{path}", fields)
        signature = {"X-Twilio-Signature": headers["X-Twilio-Signature"]}
        answer = client.post(path, fields | {"From": "+37129999999"}, headers=signature)
    else:
        answer = client.get(path)
        assert answer.status_code == 405
        return
    assert answer.status_code == 403
    assert answer.content == b""
    assert not Call.objects.exists()
    assert not TextMessage.objects.exists()


def test_what_a_proxy_says_of_our_address_has_no_say(ring: Any, client: Client, subscriber: Subscriber) -> None:
    params = payloads.voice()
    answer = post(
        client, subscriber, VOICE, params, headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}
    )
    assert answer.status_code == 200


def test_a_body_beyond_all_measure_is_not_read(client: Client, numbered: House, subscriber: Subscriber) -> None:
    assert post(client, subscriber, VOICE, payloads.voice(CallerName="x" * 70_000)).status_code == 403


# -- a call arrives --------------------------------------------------------------------------


def test_a_caller_waits_in_a_conference_named_by_the_call(ring: Any) -> None:
    call, document = ring()
    conference = ElementTree.fromstring(document).find("Dial/Conference")  # noqa: S314
    assert conference is not None
    assert conference.text == str(call.public_id)
    assert conference.get("startConferenceOnEnter") == "false"
    assert conference.get("endConferenceOnExit") == "true"
    assert conference.get("statusCallback") == "https://alio.example/carriers/twilio/conference"


def test_a_repeated_arrival_is_the_same_call(ring: Any) -> None:
    sid = new_sid("CA")
    assert ring(CallSid=sid) == ring(CallSid=sid)
    assert Call.objects.count() == 1


@pytest.mark.parametrize(
    "number",
    ["", "anonymous", "Restricted", "+266696687", "+7378742833", "sip:anna@example.test", "client:x", "+", "12"],
)
def test_a_withheld_or_malformed_caller_is_answered_all_the_same(ring: Any, number: str) -> None:
    call, _document = ring(From=number)
    assert (call.caller, call.caller_number, call.state) == (None, "", CallState.QUEUED)


def test_a_name_with_markup_is_a_name(ring: Any, client: Client, numbered: House) -> None:
    call, document = ring(CallerName="<Hangup/><script>alert(1)</script>&amp;")
    assert call.caller_name == "<Hangup/><script>alert(1)</script>&amp;"
    assert "Hangup" not in document
    client.force_login(numbered.agent.user)
    page = client.get("/console/").content.decode()
    assert "<script>alert(1)" not in page


def test_a_closed_line_says_when_it_opens_and_calls_back(ring: Any, numbered: House) -> None:
    numbered.line.calendar = make_calendar(always=False)
    numbered.line.calendar.intervals.all().delete()
    numbered.line.calendar.save()
    numbered.line.save()
    call, document = ring()
    assert (call.outcome, call.state) == (CallOutcome.MISSED, CallState.CLOSED)
    assert numbered.client.name in said(document)
    request_missing_call_backs()
    assert Inquiry.objects.get(call=call).kind == InquiryKind.CALLBACK


def test_a_line_that_nobody_answers_during_a_notice_says_it(ring: Any, numbered: House) -> None:
    Line.objects.update(during_notice=Handling.CALL_BACK)
    ends_at = clock.now() + timedelta(hours=1)
    Notice.objects.create(client=numbered.client, text="Streiks <&> pārbūve", ends_at=ends_at, is_public=True)
    call, document = ring()
    assert (call.outcome, call.situation) == (CallOutcome.MISSED, Situation.NOTICE)
    assert "Streiks <&> pārbūve" in said(document)


def test_a_blocked_caller_hears_busy(ring: Any, numbered: House) -> None:
    Caller.objects.create(client=numbered.client, number=payloads.CALLER, is_blocked=True)
    _call, document = ring()
    assert [verb.tag for verb in ElementTree.fromstring(document)] == ["Reject"]  # noqa: S314


def test_a_number_without_a_line_is_told_so(client: Client, numbered: House, subscriber: Subscriber) -> None:
    answer = post(client, subscriber, VOICE, payloads.voice(To="+37060000000", Called="+37060000000"))
    assert_valid_twiml(answer.content.decode())
    assert "lt-LT" in answer.content.decode()
    assert not Call.objects.exists()


@pytest.mark.parametrize(
    "changes", [{"CallSid": ""}, {"CallSid": "CA1"}, {"To": ""}, {"To": "line-1"}, {"To": "sip:x"}]
)
def test_an_arrival_without_what_it_must_have_hears_an_apology(
    client: Client, numbered: House, subscriber: Subscriber, changes: dict[str, str]
) -> None:
    answer = post(client, subscriber, VOICE, payloads.voice() | changes)
    assert answer.status_code == 200
    assert_valid_twiml(answer.content.decode())
    assert not Call.objects.exists()


# -- accounts --------------------------------------------------------------------------------


def further_account() -> tuple[TwilioAccount, Subscriber]:
    subscriber = Subscriber()
    row = TwilioAccount(name="Sirds", sid=subscriber.sid)
    row.auth_token = subscriber.auth_token
    row.save()
    return row, subscriber


def test_a_line_of_a_further_account_is_called_through_it(client: Client, numbered: House) -> None:
    row, theirs = further_account()
    numbered.line.twilio_account = row
    numbered.line.save()
    post(client, theirs, VOICE, payloads.voice())
    assert Call.objects.get().carrier_account == theirs.sid


def test_an_account_cannot_ring_at_another_s_line(client: Client, numbered: House) -> None:
    _row, theirs = further_account()
    post(client, theirs, VOICE, payloads.voice())
    assert not Call.objects.exists()


def test_an_account_cannot_speak_of_another_s_calls(ring: Any, client: Client) -> None:
    call, _document = ring()
    _row, theirs = further_account()
    now = "Tue, 24 Nov 2026 10:00:00 +0000"
    assert post(client, theirs, STATUS, payloads.over(call.carrier_call, now)).status_code == 204
    left = payloads.participant(
        "participant-leave", new_sid("CF"), str(call.public_id), now, 3, sid=call.carrier_call, label="caller"
    )
    assert post(client, theirs, CONFERENCE, left).status_code == 204
    path = f"{STATUS}?call={call.public_id}&generation=1"
    assert post(client, theirs, path, payloads.over(new_sid("CA"), now, status="busy")).status_code == 204
    call.refresh_from_db()
    assert (call.state, call.carrier_room) == (CallState.QUEUED, "")
    assert kinds_of(call) == ["arrived", "queued"]


# -- reports ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [STATUS, CONFERENCE, RECORDING, MESSAGE])
def test_a_report_without_what_it_must_have_changes_nothing(
    ring: Any, client: Client, subscriber: Subscriber, path: str
) -> None:
    ring()
    events = CallEvent.objects.count()
    for params in ({}, {"CallSid": "x", "ConferenceSid": "y", "MessageSid": "z", "FriendlyName": "w"}):
        assert post(client, subscriber, path, params).status_code in (204, 400)
    assert CallEvent.objects.count() == events


def test_a_report_on_an_unknown_call_changes_nothing(client: Client, numbered: House, subscriber: Subscriber) -> None:
    now = "Tue, 24 Nov 2026 10:00:00 +0000"
    unknown = str(clock.uuid7())
    assert post(client, subscriber, STATUS, payloads.over(new_sid("CA"), now)).status_code == 204
    path = f"{STATUS}?call={unknown}&generation=1"
    assert post(client, subscriber, path, payloads.over(new_sid("CA"), now)).status_code == 204
    joined = payloads.participant(
        "participant-join", new_sid("CF"), unknown, now, 1, sid=new_sid("CA"), label=f"claim-{unknown}-1"
    )
    assert post(client, subscriber, CONFERENCE, joined).status_code == 204
    assert not CallEvent.objects.exists()


def test_a_leg_named_by_another_call_is_not_believed(ring: Any, client: Client, subscriber: Subscriber) -> None:
    call, _document = ring()
    other = clock.uuid7()
    joined = payloads.participant(
        "participant-join", new_sid("CF"), str(call.public_id), "", 1, sid=new_sid("CA"), label=f"claim-{other}-1"
    )
    assert post(client, subscriber, CONFERENCE, joined).status_code == 400


@pytest.mark.parametrize("timestamp", ["", "yesterday", "Tue, 24 Nov 2026", "9" * 400])
def test_a_report_without_a_time_happened_when_it_came(
    ring: Any, client: Client, subscriber: Subscriber, timestamp: str
) -> None:
    call, _document = ring()
    assert post(client, subscriber, STATUS, payloads.over(call.carrier_call, timestamp)).status_code == 204
    call.refresh_from_db()
    assert call.outcome == CallOutcome.ABANDONED
    assert call.ended_at is not None
    assert abs(call.ended_at - clock.now()) < timedelta(minutes=1)


def test_audio_that_joins_in_the_second_of_the_claim_counts(
    ring: Any, client: Client, subscriber: Subscriber, numbered: House
) -> None:
    """Twilio counts whole seconds, and its clock may be behind ours."""
    call, _document = ring()
    call = claim_call(call.pk, agent=numbered.agent)
    behind = (clock.now() - timedelta(seconds=3)).strftime("%a, %d %b %Y %H:%M:%S +0000")
    joined = payloads.participant(
        "participant-join",
        new_sid("CF"),
        str(call.public_id),
        behind,
        2,
        sid=new_sid("CA"),
        label=f"claim-{call.public_id}-1",
    )
    post(client, subscriber, CONFERENCE, joined)
    call.refresh_from_db()
    assert call.state == CallState.TALKING


def test_a_recording_is_noted_once(ring: Any, client: Client, subscriber: Subscriber) -> None:
    call, _document = ring()
    recording = {
        "RecordingSid": new_sid("RE"),
        "RecordingStatus": "completed",
        "RecordingUrl": "https://api.twilio.com/2010-04-01/Accounts/AC/Recordings/RE",
        "RecordingDuration": "17",
        "CallSid": call.carrier_call,
    }
    for _repeat in range(2):
        assert post(client, subscriber, RECORDING, recording).status_code == 204
    assert CallRecording.objects.get().seconds == 17


# -- SMS -------------------------------------------------------------------------------------


def test_an_sms_becomes_a_request_and_an_e_mail(client: Client, numbered: House, subscriber: Subscriber) -> None:
    message = payloads.sms(NumMedia="1")
    for _repeat in range(2):
        answer = post(client, subscriber, MESSAGE, message)
        assert (answer.status_code, answer["Content-Type"]) == (200, "text/xml")
        assert_valid_twiml(answer.content.decode())
    request_from_missing_texts()
    request_from_missing_texts()
    inquiry = Inquiry.objects.get()
    assert (inquiry.text, inquiry.caller_number) == ("Vai esat atvērti sestdien?", payloads.CALLER)
    assert (inquiry.client, inquiry.call, inquiry.kind) == (numbered.client, None, InquiryKind.MESSAGE)
    assert inquiry.due_at > inquiry.received_at


def test_an_sms_of_strange_signs_is_kept(client: Client, numbered: House, subscriber: Subscriber) -> None:
    post(client, subscriber, MESSAGE, payloads.sms(Body="a\x00b 👩‍👩‍👧 \u202egnp.exe" + "x" * 9_000, From="Bite"))
    message = TextMessage.objects.get()
    assert message.text.startswith("ab 👩‍👩‍👧")
    assert message.sender_number == "Bite"
    request_from_missing_texts()
    assert Inquiry.objects.count() == 1


def test_an_sms_to_a_number_without_a_line_is_not_kept(client: Client, numbered: House, subscriber: Subscriber) -> None:
    assert post(client, subscriber, MESSAGE, payloads.sms(To="+37060000000")).status_code == 200
    assert not TextMessage.objects.exists()
