import asyncio
import contextlib
import resource
from datetime import UTC, datetime
from urllib.parse import parse_qs

import structlog
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPResponseStartEvent, HTTPScope, Scope

from answering.live.config import LiveConfig
from answering.live.hub import Hub, HubAway
from answering.live.signals import call_on_shutdown
from answering.live.stream import READY, Stream
from answering.push.errors import PushError, TicketInvalid
from answering.push.tickets import read_ticket

LAST_WORDS_SECONDS = 1

log = structlog.get_logger(__name__)


class LiveApplication:
    """ASGI: `/live/?ticket=…` is a stream, `/live/healthz` tells whether streams can be had."""

    def __init__(self, config: LiveConfig | None = None) -> None:
        self._config = config
        self._hub: Hub | None = None
        self._running: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            raise ValueError(f"Not served here: {scope['type']}")

    def start(self) -> Hub:
        """Connect to Redis in the background, once; needs a running event loop."""
        if self._hub is None:
            _raise_file_limit()
            self._hub = Hub(self.config)
            self._running = asyncio.create_task(self._hub.run())
        return self._hub

    async def stop(self) -> None:
        """End all streams and the connection to Redis."""
        running, self._running, self._hub = self._running, None, None
        if running:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running

    @property
    def config(self) -> LiveConfig:
        if self._config is None:
            self._config = LiveConfig.from_settings()
        return self._config

    async def _live(self, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                call_on_shutdown(self.start().close)
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _answer(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        hub = self.start()
        if scope["path"] not in ("/live/", "/live/healthz"):
            await self._say(send, 404, "There is nothing here.")
        elif scope["method"] != "GET":
            await self._say(send, 405, "Only GET is answered here.", (b"allow", b"GET"))
        elif scope["path"] == "/live/healthz":
            await (self._say(send, 200, "ok") if hub.is_up else self._say(send, 503, "Redis is away."))
        else:
            await self._open(hub, scope, receive, send)

    async def _open(self, hub: Hub, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        try:
            channels = self._channels(scope["query_string"])
        except PushError as error:
            await self._say(send, 401, str(error))
            return
        if hub.stream_count >= self.config.max_streams:
            await self._say(send, 503, "Too many streams are open.")
            return
        try:
            stream = await hub.join(channels)
        except HubAway as error:
            await self._say(send, 503, str(error))
            return
        try:
            await send(self._start(200, b"text/event-stream"))
            await _carry(stream, receive, send)
        finally:
            hub.leave(stream)

    def _channels(self, query: bytes) -> tuple[str, ...]:
        try:
            tickets = parse_qs(query.decode("ascii"), max_num_fields=8).get("ticket", [])
        except ValueError as error:
            raise TicketInvalid("The address is malformed.") from error
        if len(tickets) != 1:
            raise TicketInvalid("One ticket is needed.")
        return read_ticket(tickets[0], secret=self.config.secret, now=datetime.now(UTC))

    async def _say(self, send: ASGISendCallable, status: int, text: str, *headers: tuple[bytes, bytes]) -> None:
        await send(self._start(status, b"text/plain; charset=utf-8", *headers))
        await send({"type": "http.response.body", "body": f"{text}\n".encode(), "more_body": False})

    def _start(self, status: int, content_type: bytes, *headers: tuple[bytes, bytes]) -> HTTPResponseStartEvent:
        everything = (
            (b"content-type", content_type),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
            (b"x-content-type-options", b"nosniff"),
            (b"access-control-allow-origin", self.config.page_origin.encode()),
            (b"vary", b"origin"),
            *headers,
        )
        return {"type": "http.response.start", "status": status, "headers": everything, "trailers": False}


async def _carry(stream: Stream, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Send a stream's frames until it ends or its browser is gone; leaves no task behind."""
    stream.offer(READY)
    sender = asyncio.create_task(_send_frames(stream, send))
    watcher = asyncio.create_task(_watch_disconnect(receive))
    try:
        await asyncio.wait({sender, watcher, stream.ended}, return_when=asyncio.FIRST_COMPLETED)
        if not watcher.done():
            await asyncio.wait({sender}, timeout=LAST_WORDS_SECONDS)
    finally:
        for task in (sender, watcher):
            task.cancel()
        for result in await asyncio.gather(sender, watcher, return_exceptions=True):
            if isinstance(result, Exception) and not isinstance(result, OSError):
                log.error("stream_failed", exc_info=result)


async def _send_frames(stream: Stream, send: ASGISendCallable) -> None:
    while chunk := await stream.next_chunk():
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _watch_disconnect(receive: ASGIReceiveCallable) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _raise_file_limit() -> None:
    """Every stream is an open file; many systems allow 1,024 unless asked for more."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
