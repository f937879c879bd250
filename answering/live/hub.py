import asyncio
from collections.abc import Iterable

import structlog
from redis.exceptions import RedisError

from answering.live.config import LiveConfig
from answering.live.stream import PING, RENEW, Stream, hint_frame
from answering.live.subscriptions import Listener, Subscriptions
from answering.push.channels import redis_channel

CONFIRM_TIMEOUT_SECONDS = 2
SHORTEST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2

log = structlog.get_logger(__name__)


class HubAway(Exception):
    """No stream can be given now; mostly because Redis is away."""


class Topic:
    """One Redis channel and the streams that listen to it."""

    __slots__ = ("confirmed", "streams")

    def __init__(self) -> None:
        self.streams: set[Stream] = set()
        self.confirmed = asyncio.Event()


class Hub:
    """All streams of the process, behind one Redis connection.

    When the connection is lost every stream ends: what was published meanwhile is gone, and only a page
    that starts anew knows that it must read everything.
    """

    def __init__(self, config: LiveConfig) -> None:
        self.is_up = False
        self._config = config
        self._streams: set[Stream] = set()
        self._topics: dict[bytes, Topic] = {}
        self._opened = 0
        self._is_out = False
        self._is_closing = False
        self._subscriptions = self._new_subscriptions()

    @property
    def stream_count(self) -> int:
        return len(self._streams)

    async def join(self, channels: Iterable[str]) -> Stream:
        """A stream that misses nothing published from now on; `leave` must follow.

        Raises HubAway if Redis is away or does not confirm in time, or if the process is ending.
        """
        if self._is_closing:
            raise HubAway("This process is ending.")
        if not self.is_up:
            raise HubAway("Redis is away.")
        names = frozenset(self._name(channel) for channel in channels)
        self._opened += 1
        stream = Stream(names, limit=self._config.buffer_frames, slot=self._opened % self._config.ping_seconds)
        topics = [self._topics.setdefault(name, Topic()) for name in names]
        for topic in topics:
            topic.streams.add(stream)
        self._streams.add(stream)
        self._subscriptions.touch(names)
        try:
            await self._confirmed(stream, topics)
        except BaseException:
            self.leave(stream)
            raise
        return stream

    def leave(self, stream: Stream) -> None:
        """Forget a stream; a channel that nobody else listens to is unsubscribed."""
        self._streams.discard(stream)
        for name in stream.channels:
            topic = self._topics.get(name)
            if topic is None:
                continue
            topic.streams.discard(stream)
            if not topic.streams:
                del self._topics[name]
        self._subscriptions.touch(stream.channels)

    def close(self) -> None:
        """End all streams, after what they have queued, and open no more."""
        self._is_closing = True
        for stream in self._streams:
            stream.end()

    async def run(self) -> None:
        """Serve until cancelled: connect, and connect again with growing pauses whenever Redis is lost."""
        ticking = asyncio.create_task(self._tick())
        pause = SHORTEST_PAUSE_SECONDS
        try:
            while True:
                await self._serve()
                pause = SHORTEST_PAUSE_SECONDS if self.is_up else min(pause * 2, LONGEST_PAUSE_SECONDS)
                self._cut_all()
                await asyncio.sleep(pause)
        finally:
            ticking.cancel()
            self._cut_all()

    async def _serve(self) -> None:
        try:
            await self._subscriptions.run()
        except* (RedisError, OSError) as errors:
            if not self._is_out:
                log.warning("live_outage", error=str(errors.exceptions[0]), streams=self.stream_count)
            self._is_out = True
        except* Exception:
            log.exception("live_failed", streams=self.stream_count)

    async def _tick(self) -> None:
        """Every second a part of the streams gets its ping, so that no second has to serve them all."""
        loop = asyncio.get_running_loop()
        second = 0
        while True:
            await asyncio.sleep(1)
            second = (second + 1) % self._config.ping_seconds
            oldest = loop.time() - self._config.stream_seconds
            for stream in self._streams:
                if stream.slot != second:
                    continue
                if stream.opened_at < oldest:
                    stream.offer(RENEW)
                    stream.end()
                else:
                    stream.offer(PING)

    def _new_subscriptions(self) -> Subscriptions:
        listener = Listener(
            is_wanted=self._topics.__contains__,
            connected=self._note_connected,
            confirmed=self._note_confirmed,
            received=self._hand_out,
        )
        return Subscriptions(self._config.redis_url, self._name("live"), listener)

    def _note_connected(self) -> None:
        self.is_up = True
        if self._is_out:
            log.info("live_recovered")
        self._is_out = False

    def _note_confirmed(self, name: bytes) -> None:
        topic = self._topics.get(name)
        if topic:
            topic.confirmed.set()

    def _hand_out(self, name: bytes, data: bytes) -> None:
        topic = self._topics.get(name)
        if topic is None or b"\n" in data or b"\r" in data:
            return
        frame = hint_frame(data)
        for stream in topic.streams:
            stream.offer(frame)

    async def _confirmed(self, stream: Stream, topics: list[Topic]) -> None:
        try:
            async with asyncio.timeout(CONFIRM_TIMEOUT_SECONDS):
                for topic in topics:
                    await topic.confirmed.wait()
        except TimeoutError as error:
            raise HubAway("Redis did not confirm.") from error
        if stream.ended.done():
            raise HubAway("Redis went away.")

    def _cut_all(self) -> None:
        self.is_up = False
        for stream in self._streams:
            stream.cut()
        for topic in self._topics.values():
            topic.confirmed.set()  # Whoever waits for it finds its stream ended.
        self._topics.clear()
        self._subscriptions = self._new_subscriptions()

    def _name(self, channel: str) -> bytes:
        return redis_channel(channel, self._config.redis_url).encode()
