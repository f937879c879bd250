"""`manage.py doctor` finds what is wrong with an account, says exactly what to change, and is content otherwise."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from pytest_django import Settings

from answering.pulse.health import Finding
from answering.twilio.clocks import gap_of
from answering.twilio.models import TwilioAccount
from answering.twilio.rest import PhoneNumber
from calls.carriers.twilio import examination
from calls.carriers.twilio.doctor import (
    Diagnosis,
    LineFacts,
    Verdict,
    check_lines,
    check_number,
    check_public_url,
    check_strays,
)
from calls.carriers.twilio.examination import examine_house, examine_twilio
from tests.cast import House
from tests.outbox.post_office import PostOffice
from tests.twilio.standin import Fault, StandIn
from tests.twilio.state import Number, Subscriber, new_sid

ALIO = "https://alio.example"
BASE = f"{ALIO}/carriers/twilio"
ELSEWHERE = "https://static.example/twilio-fallback.xml"
LINE = "+37167000001"
GOOD = PhoneNumber(
    sid=new_sid("PN"),
    number=LINE,
    voice_url=f"{BASE}/voice#rc=3&rp=all",
    voice_method="POST",
    voice_fallback_url=ELSEWHERE,
    voice_fallback_method="GET",
    status_callback=f"{BASE}/status",
    status_callback_method="POST",
    can_sms=True,
    sms_url=f"{BASE}/message",
    sms_method="POST",
    sms_fallback_url="",
    voice_application_sid="",
    sms_application_sid="",
    trunk_sid="",
)
OURS = LineFacts("Reception", LINE, None)


def to_change(diagnoses: list[Diagnosis]) -> list[str]:
    """Subjects of what is to be changed; each must say what to do, and what is well must not."""
    for diagnosis in diagnoses:
        assert bool(diagnosis.remedy) == (diagnosis.verdict is Verdict.CHANGE), diagnosis
        assert diagnosis.is_now
    return [diagnosis.subject for diagnosis in diagnoses if diagnosis.verdict is Verdict.CHANGE]


# -- comparing -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number",
    [
        GOOD,
        replace(GOOD, voice_url=f"{BASE}/voice"),
        replace(
            GOOD, voice_url=f"{BASE}/voice#ct=2000&rt=4000&tt=14000&rc=2&rp=4xx,5xx,ct,rt&sni=y&e=dublin,frankfurt"
        ),
        replace(GOOD, status_callback=f"{BASE}/status#rc=5&rp=all", sms_url=f"{BASE}/message#rp=all"),
        replace(GOOD, voice_url="https://alio.example:443/carriers/twilio/voice"),
        replace(GOOD, can_sms=False, sms_url="", sms_method=""),
        replace(GOOD, voice_fallback_url="http://static.example/fallback.xml"),
        replace(GOOD, voice_fallback_url="https://handler.twilio.com/twiml/EH1", voice_fallback_method="POST"),
    ],
)
def test_a_number_that_is_set_up_needs_nothing(number: PhoneNumber) -> None:
    assert to_change(list(check_number(number, ALIO))) == []
    assert to_change(list(check_number(number, f"{ALIO}/"))) == []


VOICE, STATUS, MESSAGE, FALLBACK = (
    f"{LINE} {what}" for what in ("voice webhook", "call status changes", "message webhook", "fallback")
)


@pytest.mark.parametrize(
    ("number", "subject"),
    [
        (replace(GOOD, voice_url=""), VOICE),
        (replace(GOOD, voice_url="https://demo.twilio.com/welcome/voice/"), VOICE),
        (replace(GOOD, voice_url="http://alio.example/carriers/twilio/voice"), VOICE),
        (replace(GOOD, voice_url=f"{BASE}/voice/"), VOICE),
        (replace(GOOD, voice_url=f"{BASE}/voice?a=1"), VOICE),
        (replace(GOOD, voice_url="https://alio.example:8443/carriers/twilio/voice"), VOICE),
        (replace(GOOD, voice_url="https://alio.example.evil.example/carriers/twilio/voice"), VOICE),
        (replace(GOOD, voice_method="GET"), VOICE),
        (replace(GOOD, voice_url=f"{BASE}/voice#rc=9"), VOICE),
        (replace(GOOD, voice_url=f"{BASE}/voice#retries=3"), VOICE),
        (replace(GOOD, trunk_sid=new_sid("TK")), VOICE),
        (replace(GOOD, voice_application_sid=new_sid("AP")), VOICE),
        (replace(GOOD, status_callback=""), STATUS),
        (replace(GOOD, status_callback=f"{BASE}/voice"), STATUS),
        (replace(GOOD, status_callback_method="GET"), STATUS),
        (replace(GOOD, sms_url=""), MESSAGE),
        (replace(GOOD, sms_method="GET"), MESSAGE),
        (replace(GOOD, sms_application_sid=new_sid("AP")), MESSAGE),
        (replace(GOOD, voice_fallback_url=""), FALLBACK),
        (replace(GOOD, voice_fallback_url="nonsense"), FALLBACK),
        (replace(GOOD, voice_fallback_method="POST"), FALLBACK),
        (replace(GOOD, voice_fallback_url=f"{ALIO}/fallback.xml"), FALLBACK),
        (replace(GOOD, voice_fallback_url="https://ALIO.example:8443/fallback.xml"), FALLBACK),
    ],
)
def test_what_is_set_up_otherwise_is_told_alone(number: PhoneNumber, subject: str) -> None:
    assert to_change(list(check_number(number, ALIO))) == [subject]


def test_the_remedy_says_what_to_enter() -> None:
    (wrong, *_rest) = check_number(replace(GOOD, voice_url="https://old.example/"), ALIO)
    assert wrong.is_now == "https://old.example/ (POST)"
    assert f"{BASE}/voice#rc=3&rp=all, POST" in wrong.remedy


def test_a_line_whose_number_is_not_the_accounts_is_told() -> None:
    foreign = LineFacts("Orders", "+37060000002", None)
    assert to_change(list(check_lines([OURS, foreign], [GOOD], "own"))) == ["+37060000002 of the line “Orders”"]


def test_a_number_that_leads_here_without_a_line_is_told() -> None:
    stray = replace(GOOD, number="+37167000009")
    others = replace(GOOD, number="+37167000008", voice_url="https://other.example/voice")
    similar = replace(GOOD, number="+37167000007", voice_url="https://alio.example.other.example/voice")
    assert to_change(list(check_strays([OURS], [GOOD, stray, others, similar], ALIO))) == ["+37167000009"]


@pytest.mark.parametrize(
    ("url", "verdict"),
    [
        ("https://alio.example", Verdict.OK),
        ("https://93.184.216.34", Verdict.OK),
        ("http://alio.example", Verdict.CHANGE),
        ("http://127.0.0.1:8000", Verdict.CHANGE),
        ("https://localhost", Verdict.CHANGE),
        ("https://192.168.1.5", Verdict.CHANGE),
        ("https://[::1]:8000", Verdict.CHANGE),
        ("https://alio.local", Verdict.CHANGE),
    ],
)
def test_twilio_must_be_able_to_reach_us(url: str, verdict: Verdict) -> None:
    assert check_public_url(url).verdict is verdict


# -- fetching --------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db


@pytest.fixture
def number(house: House, twilio: StandIn, subscriber: Subscriber, settings: Settings) -> Number:
    """The line's number at Twilio, set up as it should be."""
    settings.PUBLIC_URL = ALIO
    house.line.number = LINE
    house.line.save()
    return twilio.exchange.add_number(
        subscriber,
        LINE,
        voice_url=f"{BASE}/voice",
        status_callback=f"{BASE}/status",
        sms_url=f"{BASE}/message",
        voice_fallback_url=ELSEWHERE,
        voice_fallback_method="GET",
    )


def add_row(subscriber: Subscriber, **fields: object) -> TwilioAccount:
    values: dict[str, object] = {"name": "Client", "sid": subscriber.sid, "auth_token": subscriber.auth_token}
    values |= {"api_key": subscriber.api_key, "api_secret": subscriber.api_secret}
    return TwilioAccount.objects.create(**values | fields)


@pytest.mark.usefixtures("number")
def test_an_account_that_is_set_up_needs_nothing() -> None:
    diagnoses = list(examine_twilio())
    assert to_change(diagnoses) == []
    assert len(diagnoses) == 9
    assert {diagnosis.verdict for diagnosis in diagnoses} == {Verdict.OK}


@pytest.mark.usefixtures("number")
@pytest.mark.parametrize(("seconds", "words"), [(-60, "ahead of"), (60, "behind")])
def test_a_clock_that_is_off_is_found_by_what_twilio_answers(twilio: StandIn, seconds: int, words: str) -> None:
    twilio.seconds_ahead = seconds
    (found,) = [each for each in examine_twilio() if each.verdict is Verdict.CHANGE]
    assert (found.subject, words in found.is_now) == ("clock", True)


NOON = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date", "asked", "answered", "gap"),
    [
        ("Tue, 24 Nov 2026 12:00:00 GMT", 0.2, 0.4, 0),
        ("Tue, 24 Nov 2026 12:00:00 GMT", -3.0, 5.0, 0),  # a slow answer proves nothing
        ("Tue, 24 Nov 2026 12:00:00 GMT", 4.0, 4.2, 3),  # told to the second: 12:00:00.999 at the latest
        ("Tue, 24 Nov 2026 12:00:00 GMT", -3.2, -3.0, -3),
        ("yesterday", 0, 0, None),
        ("", 0, 0, None),
    ],
)
def test_clocks_differ_by_what_an_answer_proves(date: str, asked: float, answered: float, gap: int | None) -> None:
    found = gap_of(date, NOON + timedelta(seconds=asked), NOON + timedelta(seconds=answered))
    assert found == (None if gap is None else timedelta(seconds=gap))


def test_a_wrong_webhook_is_found_through_the_account(number: Number) -> None:
    number.voice_url = "https://old.example/voice"
    number.status_callback_method = "GET"
    assert to_change(list(examine_twilio())) == [VOICE, STATUS]


def test_a_number_that_the_account_does_not_have_is_found(number: Number) -> None:
    number.number = "+37167000099"
    assert to_change(list(examine_twilio())) == [f"{LINE} of the line “Reception”", "+37167000099"]


@pytest.mark.usefixtures("number")
def test_a_wrong_auth_token_is_found(subscriber: Subscriber) -> None:
    subscriber.auth_token = "0" * 32
    assert to_change(list(examine_twilio())) == ["account TWILIO_ACCOUNT_SID"]


@pytest.mark.usefixtures("number")
def test_a_suspended_account_is_found(subscriber: Subscriber) -> None:
    subscriber.status = "suspended"
    (found,) = [each for each in examine_twilio() if each.verdict is Verdict.CHANGE]
    assert found.is_now == "is suspended"


@pytest.mark.usefixtures("number")
def test_a_wrong_key_is_found(subscriber: Subscriber, settings: Settings) -> None:
    subscriber.api_secret = "0" * 32
    assert to_change(list(examine_twilio())) == ["API key of account TWILIO_ACCOUNT_SID"]
    settings.TWILIO_API_KEY = settings.TWILIO_API_SECRET = ""
    assert to_change(list(examine_twilio())) == ["API key of account TWILIO_ACCOUNT_SID"]


@pytest.mark.usefixtures("number")
def test_an_application_is_looked_up(twilio: StandIn, subscriber: Subscriber, settings: Settings) -> None:
    settings.TWILIO_APPLICATION_SID = twilio.exchange.add_application(subscriber, "Out").sid
    assert to_change(list(examine_twilio())) == []
    settings.TWILIO_APPLICATION_SID = "AP" + "0" * 32
    assert to_change(list(examine_twilio())) == ["application of account TWILIO_ACCOUNT_SID"]


@pytest.mark.usefixtures("number")
@pytest.mark.parametrize(
    "fault", [Fault.status(500), Fault.status(429), Fault.garbage()], ids=["500", "429", "garbage"]
)
def test_a_twilio_that_does_not_answer_is_no_verdict(twilio: StandIn, fault: Fault) -> None:
    twilio.fail(fault, times=99)
    diagnoses = list(examine_twilio())
    assert to_change(diagnoses) == []
    assert Verdict.UNKNOWN in {diagnosis.verdict for diagnosis in diagnoses}


def test_each_account_is_examined_with_its_own_lines(number: Number, house: House, twilio: StandIn) -> None:
    client = twilio.exchange.add_account()
    house.line.twilio_account = add_row(client)
    house.line.save()
    found = to_change(list(examine_twilio()))
    assert found == [LINE, f"{LINE} of the line “Reception”"], "the own account's number is now nobody's"
    number.account_sid = client.sid
    assert to_change(list(examine_twilio())) == []


@pytest.mark.usefixtures("number")
def test_a_line_whose_account_is_out_of_use_is_found(house: House, twilio: StandIn) -> None:
    house.line.twilio_account = add_row(twilio.exchange.add_account(), is_active=False)
    house.line.save()
    assert f"{LINE} of the line “Reception”" in to_change(list(examine_twilio()))


@pytest.mark.usefixtures("number")
def test_an_account_whose_secrets_do_not_open_is_found(twilio: StandIn, settings: Settings) -> None:
    add_row(twilio.exchange.add_account())
    settings.SECRET_KEY = "another key"
    assert to_change(list(examine_twilio())) == ["account Client"]


def test_without_an_account_there_is_nothing_to_say(house: House) -> None:
    (only,) = examine_twilio()
    assert only.verdict is Verdict.UNKNOWN


@pytest.mark.usefixtures("number")
def test_without_the_database_nothing_of_twilio_can_be_told() -> None:
    def away(execute: object, *args: object) -> object:
        raise OperationalError("the database is away")

    with connection.execute_wrapper(away):
        (only,) = examine_twilio()
    assert only.verdict is Verdict.UNKNOWN


# -- the command -----------------------------------------------------------------------------


@pytest.fixture
def healthy(monkeypatch: pytest.MonkeyPatch, post_office: PostOffice) -> None:
    parts = ("database", "broker", "worker", "beat", "dispatcher")
    monkeypatch.setattr(examination, "check_health", lambda: dict.fromkeys(parts, Finding(True, "answers")))


def run_doctor() -> tuple[int, list[str]]:
    out = StringIO()
    try:
        call_command("doctor", stdout=out, no_color=True)
    except SystemExit as leaving:
        return int(leaving.code or 0), out.getvalue().splitlines()
    return 0, out.getvalue().splitlines()


@pytest.mark.usefixtures("number", "healthy")
def test_the_command_is_content_when_all_is_well() -> None:
    status, lines = run_doctor()
    assert status == 0
    assert lines[-1] == "15 checks, 0 to change, 0 cannot be told."
    assert all(line.startswith("ok ") for line in lines[:-1])


@pytest.mark.usefixtures("healthy")
def test_the_command_tells_what_to_change_and_fails(number: Number) -> None:
    number.voice_url = "https://old.example/voice"
    status, lines = run_doctor()
    assert status == 1
    (line,) = [line for line in lines if line.startswith("to change")]
    assert line.startswith(
        f"to change    {VOICE}: https://old.example/voice (POST) → set it to {BASE}/voice#rc=3&rp=all"
    )


@pytest.mark.usefixtures("number", "healthy")
def test_what_cannot_be_told_does_not_fail(twilio: StandIn) -> None:
    twilio.fail(Fault.status(500), times=99)
    status, lines = run_doctor()
    assert status == 0
    assert lines[-1].endswith("1 cannot be told.")


@pytest.mark.usefixtures("number", "healthy")
def test_the_command_shows_no_secret(subscriber: Subscriber, twilio: StandIn) -> None:
    token, secret = subscriber.auth_token, subscriber.api_secret
    for fault in (None, Fault.status(401, 20003), Fault.status(500)):
        if fault:
            twilio.fail(fault, times=9)
        printed = "\n".join(run_doctor()[1])
        assert token not in printed
        assert secret not in printed


def test_a_part_of_the_house_that_is_away_is_told(post_office: PostOffice, settings: Settings) -> None:
    """In a test neither worker nor beat nor dispatcher runs."""
    settings.EMAIL_PORT = 9
    found = to_change(list(examine_house()))
    assert found == ["worker", "beat", "dispatcher", "mail server"]
