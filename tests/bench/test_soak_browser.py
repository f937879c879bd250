"""The soak's browser takes an answer for what a page would take it for."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bench.soak.browser import Away, Browser, Refused, Stream
from bench.soak.tally import Fate, Tally

Scenario = Callable[[Browser], Awaitable[None]]
JSON = b"HTTP/1.1 200 OK\r\nSet-Cookie: csrftoken=abc; Path=/\r\nContent-Length: 11\r\n\r\n"


def against(answer: bytes, scenario: Scenario) -> tuple[Tally, list[bytes]]:
    """Run a scenario with a server that gives this answer to everybody; what was counted, and what was asked."""
    tally, asked = Tally(), list[bytes]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            await scenario(Browser(f"http://127.0.0.1:{port}", tally))

    asyncio.run(run())
    return tally, asked


def test_an_answer_is_counted_and_its_cookies_are_sent_back() -> None:
    async def twice(browser: Browser) -> None:
        for _ in range(2):
            assert (await browser.post_json("create", "/phone/line/calls", key="k")).fields == {"call": 1}

    tally, asked = against(JSON + b'{"call": 1}', twice)
    assert tally.fates == {("create", Fate.ANSWERED): 2}
    assert [b"X-CSRFToken: abc" in each and b"Cookie: csrftoken=abc" in each for each in asked] == [False, True]


@pytest.mark.parametrize(
    ("answer", "expected", "fate", "is_fault"),
    [
        (b"HTTP/1.1 409 Conflict\r\n\r\n{}", Refused, Fate.REFUSED, False),
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\n", Away, Fate.FAILED, False),
        (b"HTTP/1.1 500 Internal Server Error\r\n\r\n", Away, Fate.FAILED, True),
        (JSON + b'{"call"', Away, Fate.FAILED, False),  # cut off
        (b"HTTP/1.1 200", Away, Fate.FAILED, False),
        (b"", Away, Fate.FAILED, False),
    ],
)
def test_what_is_no_answer_is_told_apart(answer: bytes, expected: type[Exception], fate: Fate, is_fault: bool) -> None:
    async def ask(browser: Browser) -> None:
        with pytest.raises(expected):
            await browser.get("state", "/")

    tally, _asked = against(answer, ask)
    assert tally.fates == {("state", fate): 1}
    assert bool(tally.faults) == is_fault


def test_a_stream_wakes_its_page_by_hints() -> None:
    stream = Stream(Browser("http://127.0.0.1:1", Tally()), "/ticket")
    heard = []
    for line in (b"1b", b"event: ready", b"data: {}", b"event: ping", b"event: hint"):
        stream.hinted.clear()
        stream._hear(line)
        heard.append(stream.hinted.is_set())
    assert (heard, stream.is_live) == ([False, True, False, False, True], True)
