"""A small Twilio on loopback: receives REST calls, keeps them, answers as Twilio does, and fails when told to.

    with StandIn() as twilio:
        account = twilio.exchange.add_account()
        settings.TWILIO_API_BASE = twilio.url
        twilio.fail(Fault.status(500), method="POST", path="/Participants")
        …
        assert twilio.requests[-1].form["To"] == ["client:user_1"]

`twilio.exchange` drives calls and keeps the webhooks that Twilio would send; `twilio.deliver()` posts them, signed.
`python -m tests.twilio.standin --port N` runs one by itself.
"""

import argparse
import base64
import binascii
import json
import socketserver
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from tests.twilio.exchange import Exchange
from tests.twilio.resources import Params, Resources
from tests.twilio.shapes import Told, refusal
from tests.twilio.signing import signed_post
from tests.twilio.state import Webhook

Address = Callable[[str], str]


@dataclass(frozen=True)
class Recorded:
    """A request as it came, and what was answered (None: nothing that is a document)."""

    method: str
    path: str
    query: Params
    form: Params
    user: str
    word: str
    told: Told | None

    @property
    def params(self) -> Params:
        return self.query | self.form


@dataclass(frozen=True)
class Fault:
    """What to do instead of answering; `happens` says whether what was asked is done all the same."""

    kind: str
    told: Told | None = None
    seconds: float = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    happens: bool = False

    @classmethod
    def status(
        cls, status: int, code: int = 20001, message: str = "Refused", *, happens: bool = False, **headers: str
    ) -> Self:
        """Answer with Twilio's error document; header names are written with underscores: Retry_After="3"."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls("status", refusal(status, code, message), headers=named, happens=happens)

    @classmethod
    def garbage(cls, *, happens: bool = False) -> Self:
        """Answer 200 with something that is no JSON."""
        return cls("garbage", happens=happens)

    @classmethod
    def other_json(cls, document: Any, *, status: int = 200, happens: bool = False) -> Self:
        """Answer with JSON of another shape."""
        return cls("status", Told(status, document), happens=happens)

    @classmethod
    def truncated(cls, *, happens: bool = False) -> Self:
        """Break off in the middle of the answer."""
        return cls("truncated", happens=happens)

    @classmethod
    def hangs_up(cls, *, happens: bool = False) -> Self:
        """Close the connection without a word."""
        return cls("hangs up", happens=happens)

    @classmethod
    def silent(cls, *, happens: bool = False) -> Self:
        """Never answer; the connection stays open until the stand-in is closed."""
        return cls("silent", seconds=3600, happens=happens)

    @classmethod
    def late(cls, seconds: float, *, happens: bool = True) -> Self:
        """Answer properly, so much later."""
        return cls("late", seconds=seconds, happens=happens)

    @classmethod
    def endless(cls) -> Self:
        """A body without an end."""
        return cls("endless")

    @classmethod
    def dripping(cls) -> Self:
        """A body that comes byte by byte, without an end."""
        return cls("dripping")


@dataclass
class _Rule:
    fault: Fault
    method: str
    path: str
    times: int


class StandIn:
    """Start it with `with`, or `start` and `close`. `requests` grows; `clear` empties it."""

    def __init__(self, port: int = 0) -> None:
        self.exchange = Exchange()
        self.requests: list[Recorded] = []
        self.connections = 0
        self.seconds_ahead = 0.0  # of its clock, in the dates of its answers
        self.closing = threading.Event()
        self._resources = Resources(self.exchange)
        self._rules: list[_Rule] = []
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", port), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """For TWILIO_API_BASE."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def wrap(self, context: ssl.SSLContext) -> None:
        """Speak TLS; before `start`."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def start(self) -> Self:
        self._thread.start()
        return self

    def close(self) -> None:
        self.closing.set()
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *args: object) -> None:
        self.close()

    def fail(self, fault: Fault, *, method: str = "", path: str = "", times: int = 1) -> None:
        """The next `times` requests with this method, whose path contains this, meet the fault."""
        with self._lock:
            self._rules.append(_Rule(fault, method, path, times))

    def mend(self) -> None:
        """No more faults."""
        with self._lock:
            self._rules.clear()

    def clear(self) -> None:
        with self._lock:
            self.requests.clear()

    def received(self, method: str, path: str = "") -> list[Recorded]:
        """Requests with this method whose path contains this."""
        with self._lock:
            return [each for each in self.requests if each.method == method and path in each.path]

    def deliver(self, *, address: Address = str) -> list[int]:
        """Post the webhooks collected so far, in order; gives the HTTP statuses.

        `address` turns the URL that Twilio was given into the one to connect to: signed is the former.
        """
        with self.exchange.lock:
            waiting, self.exchange.webhooks[:] = list(self.exchange.webhooks), []
        return [self.post(webhook, address=address)[0] for webhook in waiting]

    def post(self, webhook: Webhook, *, address: Address = str) -> tuple[int, str]:
        """Send one webhook, correctly signed; status and body of the answer."""
        token = self.exchange.subscribers[webhook.account_sid].auth_token
        body, headers = signed_post(token, webhook.url, webhook.params)
        request = urllib.request.Request(address(webhook.url), body, headers)  # noqa: S310 - a test's own address
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def call(self, number: str, *, address: Address = str, **caller: str) -> str:
        """Somebody dials: ask the number's voice webhook and follow the document. Gives the CallSid."""
        webhook = self.exchange.place_call(number, **caller)
        _status, twiml = self.post(webhook, address=address)
        self.exchange.follow(webhook.params["CallSid"], twiml)
        return webhook.params["CallSid"]

    # -- for the server --------------------------------------------------------------------

    def fault_for(self, method: str, path: str) -> Fault | None:
        with self._lock:
            for rule in self._rules:
                if rule.times > 0 and rule.method in ("", method) and rule.path in path:
                    rule.times -= 1
                    return rule.fault
        return None

    def serve(self, method: str, path: str, query: Params, form: Params, user: str, word: str) -> Told:
        return self._resources.answer(method, path, query | form, user, word)

    def note_connection(self) -> None:
        with self._lock:
            self.connections += 1

    def record(self, recorded: Recorded) -> None:
        with self._lock:
            self.requests.append(recorded)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], standin: StandIn) -> None:
        super().__init__(address, _Handler)
        self.standin = standin

    def server_bind(self) -> None:
        """Without asking the name service who we are, which may take seconds."""
        socketserver.TCPServer.server_bind(self)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that give up waiting are what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.standin.note_connection()

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string((timestamp or time.time()) + self.server.standin.seconds_ahead)

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def _serve(self) -> None:
        standin, parts = self.server.standin, urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        query, form = (parse_qs(text, keep_blank_values=True) for text in (parts.query, body))
        user, word = self._credentials()
        fault = standin.fault_for(self.command, parts.path)
        is_done = fault is None or fault.happens
        told = standin.serve(self.command, parts.path, query, form, user, word) if is_done else None
        answered = fault.told if fault is not None and fault.told else told
        standin.record(Recorded(self.command, parts.path, query, form, user, word, answered))
        if fault is None:
            self._tell(told)
        else:
            self._fail(fault, told)

    def _credentials(self) -> tuple[str, str]:
        scheme, _space, coded = self.headers.get("Authorization", "").partition(" ")
        try:
            user, _colon, word = base64.b64decode(coded).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return (user, word) if scheme == "Basic" else ("", "")

    def _tell(self, told: Told | None, headers: Mapping[str, str] | None = None) -> None:
        if told is None:
            raise AssertionError("nothing to tell")
        body = json.dumps(told.document).encode() if told.document is not None else b""
        self.send_response(told.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _fail(self, fault: Fault, told: Told | None) -> None:
        self.close_connection = fault.kind not in ("status", "late", "garbage")
        if fault.seconds:
            self.server.standin.closing.wait(fault.seconds)
        if fault.kind == "late":
            self._tell(told)
        elif fault.kind == "status":
            self._tell(fault.told, fault.headers)
        elif fault.kind in ("garbage", "truncated"):
            self._write_badly(fault.kind)
        elif fault.kind in ("endless", "dripping"):
            self._write_endlessly(*((b" " * 65536, 0) if fault.kind == "endless" else (b" ", 0.05)))

    def _write_badly(self, kind: str) -> None:
        body = b"<html>an error page of somebody else</html>" if kind == "garbage" else b'{"sid": "CA'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body) + (1000 if kind == "truncated" else 0)))
        self.end_headers()
        self.wfile.write(body)

    def _write_endlessly(self, piece: bytes, pause_seconds: float) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.server.standin.closing.wait(pause_seconds):
            self.wfile.write(piece)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


def main() -> None:
    parser = argparse.ArgumentParser(description="A small Twilio on loopback, to see what is asked of it.")
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--number", action="append", default=[], help="a number of the account, E.164; repeatable")
    parser.add_argument("--public-url", default="http://127.0.0.1:8000", help="where the numbers' webhooks point")
    arguments = parser.parse_args()
    with StandIn(arguments.port) as twilio:
        account = twilio.exchange.add_account()
        for number in arguments.number:
            base = f"{arguments.public_url.rstrip('/')}/carriers/twilio"
            twilio.exchange.add_number(account, number, voice_url=f"{base}/voice", status_callback=f"{base}/status")
        print(f"TWILIO_API_BASE={twilio.url}", f"TWILIO_ACCOUNT_SID={account.sid}", sep="\n")  # noqa: T201
        print(f"TWILIO_AUTH_TOKEN={account.auth_token}", f"TWILIO_API_KEY={account.api_key}", sep="\n")  # noqa: T201
        print(f"TWILIO_API_SECRET={account.api_secret}", flush=True)  # noqa: T201
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
