"""What a granian process cannot be asked from outside: the application in this process, with the same Valkey."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from answering.live.asgi import LiveApplication
from answering.live.config import LiveConfig, origin_of
from answering.live.stream import Stream
from answering.push.tickets import make_ticket
from tests.live.server import SECRET

PATIENCE_SECONDS = 10


class Browser:
    """One request to an ASGI application: keeps what was sent, hangs up when told."""

    def __init__(self, application: LiveApplication, *channels: str) -> None:
        self.sent: list[Any] = []
        self._gone = asyncio.Event()
        ticket = make_ticket(channels, secret=SECRET)
        scope: Any = {"type": "http", "method": "GET", "path": "/live/", "query_string": f"ticket={ticket}".encode()}
        self.task = asyncio.create_task(application(scope, self._receive, self._send))

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"]) if self.sent else 0

    def hang_up(self) -> None:
        self._gone.set()

    async def _receive(self) -> Any:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        self.sent.append(message)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():
            await asyncio.sleep(0.01)


def run_live(scenario: Callable[[LiveApplication], Awaitable[None]], **limits: int) -> None:
    """Run a scenario with an application that is connected to Redis, and stop that afterwards."""

    async def run() -> None:
        config = LiveConfig(os.environ["REDIS_URL"], SECRET, "http://page.example", **limits)
        application = LiveApplication(config)
        hub = application.start()
        try:
            await until(lambda: hub.is_up)
            await scenario(application)
        finally:
            await application.stop()

    asyncio.run(run())


def test_closed_streams_leave_no_task_behind() -> None:
    async def scenario(application: LiveApplication) -> None:
        before = asyncio.all_tasks()
        browsers = [Browser(application, "agents", f"agent:{number}") for number in range(200)]
        await until(lambda: all(b"event: ready" in browser.body for browser in browsers))
        assert application.start().stream_count == 200
        for browser in browsers:
            browser.hang_up()
        await until(lambda: all(browser.task.done() for browser in browsers))
        assert asyncio.all_tasks() == before
        assert application.start().stream_count == 0

    run_live(scenario)


def test_a_cancelled_request_leaves_the_hub() -> None:
    async def scenario(application: LiveApplication) -> None:
        before = asyncio.all_tasks()
        browser = Browser(application, "desk")
        await until(lambda: b"event: ready" in browser.body)
        browser.task.cancel()
        await until(lambda: browser.task.done())
        assert asyncio.all_tasks() == before
        assert application.start().stream_count == 0

    run_live(scenario)


def test_a_process_opens_no_more_streams_than_its_limit() -> None:
    async def scenario(application: LiveApplication) -> None:
        first = Browser(application, "desk")
        await until(lambda: b"event: ready" in first.body)
        second = Browser(application, "desk")
        await second.task
        assert second.status == 503
        first.hang_up()
        await first.task
        third = Browser(application, "desk")
        await until(lambda: third.status == 200)

    run_live(scenario, max_streams=1)


def test_an_open_stream_shows_that_it_is_alive() -> None:
    async def scenario(application: LiveApplication) -> None:
        browser = Browser(application, "desk")
        await until(lambda: b": still here\n\nevent: ping\ndata: {}\n\n" in browser.body)
        assert not browser.task.done()

    run_live(scenario, ping_seconds=1)


def test_an_old_stream_asks_its_page_to_come_again_with_a_new_ticket() -> None:
    async def scenario(application: LiveApplication) -> None:
        browser = Browser(application, "desk")
        await browser.task
        assert browser.body.endswith(b"event: renew\ndata: {}\n\n")
        assert browser.sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}

    run_live(scenario, ping_seconds=1, stream_seconds=0)


def test_a_page_that_returns_at_once_to_a_channel_just_left_misses_nothing() -> None:
    async def scenario(application: LiveApplication) -> None:
        for _round in range(50):
            browser = Browser(application, "call:one")
            await until(lambda browser=browser: b"event: ready" in browser.body)  # type: ignore[misc]
            browser.hang_up()
            await browser.task
        last = Browser(application, "call:one")
        await until(lambda: b"event: ready" in last.body)

    run_live(scenario)


def test_a_waiting_frame_is_not_queued_twice_and_a_full_buffer_ends_the_stream() -> None:
    async def scenario() -> None:
        stream = Stream(frozenset(), limit=2)
        stream.offer(b"one")
        stream.offer(b"two")
        stream.offer(b"one")
        assert await stream.next_chunk() == b"onetwo"
        assert not stream.ended.done()
        for frame in (b"one", b"two", b"three"):
            stream.offer(frame)
        assert stream.ended.done()
        assert await stream.next_chunk() == b""

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://alio.example/console/?x=1", "https://alio.example"),
        ("https://Alio.Example:443/", "https://alio.example"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
        ("http://user:secret@alio.example/", "http://alio.example"),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(url: str, origin: str) -> None:
    assert origin_of(url) == origin
