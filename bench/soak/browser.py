"""A browser without pages: cookies, requests with a limit, and the live stream."""

import asyncio
import json
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from bench.soak.tally import Fate, Tally

CALLER_LIMIT_SECONDS = 5.0  # static/js/phone-link.js
READY_SECONDS = 10.0  # static/js/stream.js
SILENT_SECONDS = 40.0
SHORTEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 5.0


class Away(Exception):
    """Nobody answered, not in time, or with an error of the server: whether it was carried out is not known."""


class Refused(Exception):
    """The server understood and said no."""

    def __init__(self, answer: "Answer") -> None:
        super().__init__(f"{answer.status} {answer.reason}")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def fields(self) -> dict[str, Any]:
        """The JSON object of the body; empty if it is none."""
        try:
            data = json.loads(self.body)
        except ValueError:
            return {}
        return data if isinstance(data, dict) else {}

    @property
    def reason(self) -> str:
        """The name by which our own pages know a refusal."""
        return str(self.fields.get("reason") or self.fields.get("error") or "")[:40]


@dataclass
class Browser:
    """One person's browser; each request has a connection of its own and is counted."""

    url: str
    tally: Tally
    limit_seconds: float = CALLER_LIMIT_SECONDS
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, kind: str, path: str) -> Answer:
        return await self._ask(kind, "GET", path)

    async def post_json(self, kind: str, path: str, **fields: object) -> Answer:
        return await self._ask(kind, "POST", path, json.dumps(fields).encode(), "application/json")

    async def post_form(self, kind: str, path: str, **fields: object) -> Answer:
        body = urlencode(fields).encode()
        return await self._ask(kind, "POST", path, body, "application/x-www-form-urlencoded")

    async def _ask(self, kind: str, method: str, path: str, body: bytes = b"", content_type: str = "") -> Answer:
        """The answer, unless it is a refusal or none. Raises Refused, Away."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(self.limit_seconds):
                answer = await self._exchange(method, path, body, content_type)
        except (OSError, TimeoutError, EOFError, ValueError) as error:
            self.tally.note(kind, Fate.FAILED, 0, type(error).__name__)
            raise Away(str(error)) from error
        self._remember(answer)
        return self._judged(kind, path, answer, time.monotonic() - began)

    def _judged(self, kind: str, path: str, answer: Answer, seconds: float) -> Answer:
        if answer.status >= 500:
            self.tally.note(kind, Fate.FAILED, seconds, str(answer.status))
            if answer.status == 500:
                self.tally.faults.append(f"{path} was answered with 500 at {time.strftime('%H:%M:%S')}")
            raise Away(str(answer.status))
        if answer.status >= 400:
            self.tally.note(kind, Fate.REFUSED, seconds, f"{answer.status} {answer.reason}".strip())
            raise Refused(answer)
        self.tally.note(kind, Fate.ANSWERED, seconds)
        return answer

    async def _exchange(self, method: str, path: str, body: bytes, content_type: str) -> Answer:
        host = urlsplit(self.url)
        reader, writer = await asyncio.open_connection(host.hostname, host.port)
        try:
            writer.write(self._head(method, path, len(body), content_type) + body)
            return _parsed(await reader.read())
        finally:
            writer.close()

    def _head(self, method: str, path: str, length: int, content_type: str) -> bytes:
        headers = {"Host": urlsplit(self.url).netloc, "Origin": self.url, "Connection": "close"}
        headers |= {"Content-Length": str(length), "Content-Type": content_type or "text/plain"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if "csrftoken" in self.cookies:
            headers["X-CSRFToken"] = self.cookies["csrftoken"]
        headers |= self.headers
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        return "\r\n".join(lines).encode()

    def _remember(self, answer: Answer) -> None:
        for name, value in answer.headers:
            if name == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]


def _parsed(data: bytes) -> Answer:
    """A whole answer; raises EOFError for one that was cut off."""
    head, gap, body = data.partition(b"\r\n\r\n")
    if not gap:
        raise EOFError("The connection was closed.")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = [line.partition(":") for line in lines]
    headers = [(name.strip().lower(), value.strip()) for name, _, value in pairs]
    length = dict(headers).get("content-length")
    if length is not None and len(body) < int(length):
        raise EOFError("The answer was cut off.")
    return Answer(int(first.split()[1]), headers, body)


class Stream:
    """The page's live stream: sets `hinted` whenever the page is to read again; lost, it is opened again."""

    def __init__(self, browser: Browser, ticket_path: str) -> None:
        self._browser = browser
        self._ticket_path = ticket_path
        self.hinted = asyncio.Event()
        self.is_live = False

    async def run(self) -> None:
        """Listen until cancelled."""
        failures = 0
        while True:
            opened_at = time.monotonic()
            with suppress(Away, Refused, OSError, TimeoutError, ValueError):
                await self._listen()
            self.is_live = False
            failures = 1 if time.monotonic() - opened_at > LONGEST_PAUSE_SECONDS else failures + 1
            await asyncio.sleep(min(SHORTEST_PAUSE_SECONDS * 2**failures, LONGEST_PAUSE_SECONDS))

    async def _listen(self) -> None:
        address = urlsplit((await self._browser.post_form("ticket", self._ticket_path)).fields["url"])
        async with asyncio.timeout(READY_SECONDS):
            reader, writer = await asyncio.open_connection(address.hostname, address.port)
        try:
            head = f"GET {address.path}?{address.query} HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n"
            writer.write(head.encode())
            while True:
                async with asyncio.timeout(SILENT_SECONDS if self.is_live else READY_SECONDS):
                    line = await reader.readline()
                if not line:
                    return
                self._hear(line.strip())
        finally:
            writer.close()

    def _hear(self, line: bytes) -> None:
        if line == b"event: ready":
            self.is_live = True
        if line in (b"event: ready", b"event: hint"):
            self.hinted.set()
