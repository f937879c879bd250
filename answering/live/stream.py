import asyncio

READY = b"event: ready\ndata: {}\n\n"
# A comment keeps proxies from closing the connection; the event is what the page can see of it.
PING = b": still here\n\nevent: ping\ndata: {}\n\n"
RENEW = b"event: renew\ndata: {}\n\n"


def hint_frame(data: bytes) -> bytes:
    """A hint as a Server-Sent Event (HTML standard, section 9.2); data is JSON without line breaks."""
    return b"event: hint\ndata: " + data + b"\n\n"


class Stream:
    """What waits to be sent to one browser: a bounded, ordered set of frames.

    A frame that already waits is not queued again, since the page reads everything anew after it.
    A browser that is too slow for the rest loses its stream, and reads everything when it is back.
    """

    __slots__ = ("_frames", "_limit", "_wake", "channels", "ended", "opened_at", "slot")

    def __init__(self, channels: frozenset[bytes], *, limit: int, slot: int = 0) -> None:
        loop = asyncio.get_running_loop()
        self.channels = channels
        self.opened_at = loop.time()
        self.slot = slot
        self.ended: asyncio.Future[None] = loop.create_future()
        self._frames: dict[bytes, None] = {}
        self._limit = limit
        self._wake = asyncio.Event()

    def offer(self, frame: bytes) -> None:
        """Queue a frame; ends the stream when its reader is too slow."""
        if self.ended.done() or frame in self._frames:
            return
        if len(self._frames) >= self._limit:
            self.cut()
            return
        self._frames[frame] = None
        self._wake.set()

    def end(self) -> None:
        """Send what is queued, then no more."""
        if not self.ended.done():
            self.ended.set_result(None)
        self._wake.set()

    def cut(self) -> None:
        """Send no more, not even what is queued."""
        self._frames.clear()
        self.end()

    async def next_chunk(self) -> bytes:
        """All that is queued, as soon as there is something; empty when the stream is over."""
        if not self._frames and not self.ended.done():
            self._wake.clear()
            await self._wake.wait()
        chunk = b"".join(self._frames)
        self._frames.clear()
        return chunk
