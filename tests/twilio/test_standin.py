"""The stand-in keeps Twilio's rules for conferences and signs what it sends; other tests lean on it."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer
from urllib.parse import parse_qsl
from uuid import UUID

import pytest
from pytest_django import Settings

from answering.twilio.accounts import Account
from answering.twilio.rest import Api
from answering.twilio.signature import is_signed
from answering.twilio.twiml import queue_twiml, reject_twiml, say_twiml
from tests.twilio.standin import StandIn
from tests.twilio.state import Subscriber

CONFERENCE = "0192f0c4-1111-7abc-8def-000000000001"
LINE = "+37167000001"
STATUS, ROOM = "https://alio.example/carriers/twilio/status", "https://alio.example/carriers/twilio/conference"


@pytest.fixture
def api(account: Account) -> Api:
    return Api(account)


def caller_waits(twilio: StandIn, subscriber: Subscriber) -> str:
    twilio.exchange.add_number(subscriber, LINE, status_callback=STATUS)
    call_sid = twilio.exchange.place_call(LINE).params["CallSid"]
    twilio.exchange.follow(call_sid, queue_twiml(UUID(CONFERENCE), status_callback=ROOM))
    return call_sid


def add_agent(api: Api) -> str:
    return api.add_participant(
        CONFERENCE,
        to="client:user_1",
        caller_id=LINE,
        label="claim-1-1",
        status_callback=STATUS,
        conference_callback=ROOM,
    ).call_sid


def told(twilio: StandIn) -> list[str]:
    """What Twilio has told, in short; empties the list."""
    events = [each.params.get("StatusCallbackEvent") or each.params["CallStatus"] for each in twilio.exchange.webhooks]
    twilio.exchange.webhooks.clear()
    return events


def test_a_call_from_ring_to_end_is_told_as_twilio_tells_it(twilio: StandIn, subscriber: Subscriber, api: Api) -> None:
    caller = caller_waits(twilio, subscriber)
    assert told(twilio) == ["participant-join"]
    agent = add_agent(api)
    twilio.exchange.ring(agent)
    assert told(twilio) == ["queued", "ringing"]
    twilio.exchange.answer(agent)
    assert told(twilio) == ["in-progress", "participant-join", "conference-start"]
    twilio.exchange.hang_up(agent)
    assert told(twilio) == ["participant-leave", "completed"], "the caller waits on"
    twilio.exchange.hang_up(caller)
    assert told(twilio) == ["participant-leave", "conference-end", "completed"]


def test_the_callers_leaving_ends_the_conference_and_the_agents_leg(
    twilio: StandIn, subscriber: Subscriber, api: Api
) -> None:
    caller = caller_waits(twilio, subscriber)
    agent = add_agent(api)
    twilio.exchange.answer(agent)
    twilio.exchange.hang_up(caller)
    assert twilio.exchange.calls[agent].status == "completed"
    assert {room.status for room in twilio.exchange.rooms.values()} == {"completed"}


def test_an_agent_who_does_not_answer_never_joins(twilio: StandIn, subscriber: Subscriber, api: Api) -> None:
    caller_waits(twilio, subscriber)
    agent = add_agent(api)
    told(twilio)
    twilio.exchange.refuse(agent, "no-answer")
    assert told(twilio) == ["no-answer"]
    assert api.find_conference(CONFERENCE) is not None


def test_sequence_numbers_count_up_for_each_leg_and_conference(
    twilio: StandIn, subscriber: Subscriber, api: Api
) -> None:
    caller = caller_waits(twilio, subscriber)
    agent = add_agent(api)
    twilio.exchange.answer(agent)
    twilio.exchange.hang_up(caller)
    numbers: dict[str, list[int]] = {}
    for webhook in twilio.exchange.webhooks:
        key = webhook.params.get("ConferenceSid") or webhook.params["CallSid"]
        numbers.setdefault(key, []).append(int(webhook.params["SequenceNumber"]))
    assert len(numbers) == 3
    assert all(found == sorted(set(found)) for found in numbers.values())


@pytest.mark.parametrize(
    ("twiml", "status"), [(reject_twiml(), "busy"), (say_twiml(["Sorry."], "en"), "completed")], ids=["reject", "say"]
)
def test_a_document_without_a_conference_ends_the_call(
    twilio: StandIn, subscriber: Subscriber, twiml: str, status: str
) -> None:
    twilio.exchange.add_number(subscriber, LINE, status_callback=STATUS)
    call_sid = twilio.exchange.place_call(LINE).params["CallSid"]
    twilio.exchange.follow(call_sid, twiml)
    assert twilio.exchange.calls[call_sid].status == status
    assert told(twilio) == [status]


# -- webhooks over HTTP ----------------------------------------------------------------------


class _House(TCPServer):
    """Answers every webhook with the queue document, and keeps what came."""

    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.received: list[tuple[str, dict[str, str], str]] = []


class _Door(BaseHTTPRequestHandler):
    server: _House

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        fields = dict(parse_qsl(body, keep_blank_values=True))
        self.server.received.append((self.path, fields, self.headers["X-Twilio-Signature"]))
        answer = queue_twiml(UUID(CONFERENCE), status_callback=ROOM).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def door() -> Iterator[_House]:
    with _House() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server
        server.shutdown()


def test_a_call_asks_the_house_and_tells_it_everything_signed(
    twilio: StandIn, subscriber: Subscriber, account: Account, door: _House, settings: Settings
) -> None:
    def here(url: str) -> str:
        return url.replace("https://alio.example", f"http://127.0.0.1:{door.server_address[1]}")

    settings.PUBLIC_URL = "https://alio.example"
    voice = "https://alio.example/carriers/twilio/voice"
    twilio.exchange.add_number(subscriber, LINE, voice_url=voice, status_callback=STATUS)
    caller = twilio.call(LINE, from_="+37126000000", caller_name="Ilze & <b>co</b>", address=here)
    twilio.exchange.hang_up(caller)
    assert twilio.deliver(address=here) == [200, 200, 200, 200]
    assert [path for path, _fields, _signature in door.received] == [
        "/carriers/twilio/voice",
        "/carriers/twilio/conference",
        "/carriers/twilio/conference",
        "/carriers/twilio/conference",
        "/carriers/twilio/status",
    ]
    for path, fields, signature in door.received:
        assert is_signed(account, path=path, params=fields, signature=signature)
    assert door.received[0][1]["CallerName"] == "Ilze & <b>co</b>"
