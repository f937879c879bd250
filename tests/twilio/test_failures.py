"""Whatever happens on the way to Twilio has a name, and what may have been done is not done twice."""

import socket
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from pytest_django import Settings

from answering.twilio import http
from answering.twilio.accounts import Account
from answering.twilio.errors import BadCredentials, Busy, NotFound, Refused, TwilioError, Unreachable
from answering.twilio.rest import Api
from tests.twilio.standin import Fault, StandIn
from tests.twilio.state import Subscriber

CONFERENCE = "0192f0c4-1111-7abc-8def-000000000001"
SID = "CA" + "0" * 32


@pytest.fixture
def api(account: Account) -> Api:
    return Api(account)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "TIME_LIMIT_SECONDS", 0.3)


def create(api: Api) -> object:
    return api.add_participant(
        CONFERENCE,
        to="client:user_1",
        caller_id="+37167000001",
        label="claim-1-1",
        status_callback="https://alio.example/s",
        conference_callback="https://alio.example/c",
    )


def send(api: Api) -> object:
    return api.send_message(
        sender="+37167000001", recipient="+37126123456", body="x", status_callback="https://a.example"
    )


def read(api: Api) -> object:
    return api.account_status()


MAPPED: list[tuple[str, Fault, type[TwilioError], int | None]] = [
    ("bad request", Fault.status(400, 21211, "Invalid 'To'"), Refused, 21211),
    ("conflict", Fault.status(409, 20409), Refused, 20409),
    ("gone", Fault.status(410, 20410), Refused, 20410),
    ("wrong token", Fault.status(401, 20003, "Authenticate"), BadCredentials, 20003),
    ("suspended", Fault.status(403, 20005), BadCredentials, 20005),
    ("forbidden without a number", Fault.other_json({"message": "Forbidden"}, status=403), BadCredentials, None),
    ("forbidden for this recipient", Fault.status(403, 21408, "Region not enabled"), Refused, 21408),
    ("not there", Fault.status(404, 20404), NotFound, 20404),
    ("too many", Fault.status(429, 20429), Busy, 20429),
    ("server error", Fault.status(500, 20500), Unreachable, 20500),
    ("bad gateway without a document", Fault.other_json(["bad gateway"], status=502), Unreachable, None),
    ("redirect", Fault.status(307, 20001, Location="http://127.0.0.1:1/elsewhere"), Unreachable, 20001),
    ("garbage", Fault.garbage(), Unreachable, None),
    ("truncated", Fault.truncated(), Unreachable, None),
    ("hung up", Fault.hangs_up(), Unreachable, None),
    ("a list", Fault.other_json([]), Unreachable, None),
    ("an empty document", Fault.other_json({}), Unreachable, None),
    (
        "numbers for words",
        Fault.other_json({"sid": 1, "status": 2, "call_sid": 3, "conference_sid": 4}),
        Unreachable,
        None,
    ),
    ("deep nesting", Fault.other_json({"status": [[[[]]]], "sid": None}), Unreachable, None),
]


@pytest.mark.parametrize(("fault", "error", "code"), [case[1:] for case in MAPPED], ids=[case[0] for case in MAPPED])
@pytest.mark.parametrize("ask", [create, send, read])
def test_every_failure_has_its_name(
    api: Api, twilio: StandIn, ask: Callable[[Api], object], fault: Fault, error: type[TwilioError], code: int | None
) -> None:
    twilio.fail(fault, times=2)
    with pytest.raises(TwilioError) as caught:
        ask(api)
    assert type(caught.value) is error
    assert caught.value.code == code
    assert str(caught.value)


@pytest.mark.parametrize(
    "fault",
    [Fault.status(500, happens=True), Fault.garbage(happens=True), Fault.truncated(happens=True), Fault.hangs_up()],
    ids=lambda fault: fault.kind,
)
@pytest.mark.parametrize("ask", [create, send])
def test_creation_is_never_repeated(api: Api, twilio: StandIn, ask: Callable[[Api], object], fault: Fault) -> None:
    twilio.fail(fault)
    with pytest.raises(Unreachable) as caught:
        ask(api)
    assert caught.value.was_sent
    assert len(twilio.requests) == 1


def test_what_was_created_all_the_same_can_be_found(api: Api, twilio: StandIn) -> None:
    twilio.fail(Fault.truncated(happens=True))
    with pytest.raises(Unreachable):
        create(api)
    conference = api.find_conference(CONFERENCE)
    assert conference is not None
    assert api.find_participant(conference, "claim-1-1") is not None


@pytest.mark.parametrize(
    "fault", [Fault.status(503), Fault.hangs_up(), Fault.truncated()], ids=lambda fault: fault.kind
)
def test_reading_is_tried_once_more(api: Api, twilio: StandIn, fault: Fault) -> None:
    twilio.fail(fault)
    assert api.account_status() == "active"
    assert len(twilio.requests) == 2


def test_reading_is_tried_only_once_more(api: Api, twilio: StandIn) -> None:
    twilio.fail(Fault.status(503), times=2)
    with pytest.raises(Unreachable):
        api.account_status()
    assert len(twilio.requests) == 2


@pytest.mark.parametrize("status", [400, 401, 404, 429])
def test_a_clear_no_is_not_asked_again(api: Api, twilio: StandIn, status: int) -> None:
    twilio.fail(Fault.status(status))
    with pytest.raises(TwilioError):
        api.account_status()
    assert len(twilio.requests) == 1


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("ask", [create, read])
def test_silence_is_waited_for_only_so_long(api: Api, twilio: StandIn, ask: Callable[[Api], object]) -> None:
    twilio.fail(Fault.silent(), times=2)
    with pytest.raises(Unreachable) as caught:
        ask(api)
    assert caught.value.was_sent
    assert len(twilio.requests) == 1, "the time for a second try has been used up"


@pytest.mark.usefixtures("impatient")
def test_a_body_that_drips_is_not_waited_for(api: Api, twilio: StandIn) -> None:
    """Each piece comes in time, the whole never does."""
    twilio.fail(Fault.dripping())
    with pytest.raises(Unreachable):
        create(api)


def test_a_body_without_end_is_not_read_to_it(api: Api, twilio: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "BODY_LIMIT", 300_000)
    twilio.fail(Fault.endless(), times=2)
    with pytest.raises(Unreachable, match="too long"):
        create(api)


def test_without_a_connection_it_is_certain_that_nothing_was_sent(account: Account, settings: Settings) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound and not listening: refuses
        settings.TWILIO_API_BASE = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(Unreachable) as caught:
            send(Api(account))
    assert not caught.value.was_sent


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("7", timedelta(seconds=7)),
        ("999999", timedelta(hours=1)),
        ("-1", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("", None),
        ("²", None),
    ],
)
def test_how_long_to_stay_away_is_taken_from_twilio(
    api: Api, twilio: StandIn, said: str, meant: timedelta | None
) -> None:
    twilio.fail(Fault.status(429, 20429, Retry_After=said))
    with pytest.raises(Busy) as caught:
        send(api)
    assert caught.value.retry_after == meant


def test_a_wrong_token_is_told_apart(account: Account, subscriber: Subscriber, twilio: StandIn) -> None:
    subscriber.auth_token = "0" * 32
    with pytest.raises(BadCredentials) as caught:
        Api(account).account_status()
    assert caught.value.code == 20003


def test_no_failure_shows_a_secret(api: Api, twilio: StandIn, subscriber: Subscriber) -> None:
    for fault in (Fault.status(500), Fault.garbage(), Fault.hangs_up(), Fault.status(401)):
        twilio.fail(fault)
        with pytest.raises(TwilioError) as caught:
            create(api)
        assert subscriber.auth_token not in repr(caught.value) + str(caught.value.__cause__)


def test_connections_are_kept_and_shared_among_threads(api: Api, twilio: StandIn) -> None:
    answers: list[str] = []

    def ask_often() -> None:
        for _number in range(5):
            answers.append(api.account_status())

    threads = [threading.Thread(target=ask_often) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["active"] * 20
    assert twilio.connections <= 4
