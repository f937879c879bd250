import asyncio
import contextlib
import signal
from collections.abc import Callable
from types import FrameType


def call_on_shutdown(callback: Callable[[], None]) -> None:
    """Have the running loop call this when the process is asked to end, besides what its server does then.

    A server waits for open responses before it sends `lifespan.shutdown`, and streams stay open until
    somebody ends them: that event comes too late for it.
    """
    loop = asyncio.get_running_loop()

    for number in (signal.SIGTERM, signal.SIGINT):
        previous = signal.getsignal(number)

        def handle(signum: int, frame: FrameType | None, previous: object = previous) -> None:
            loop.call_soon_threadsafe(callback)
            if callable(previous):
                previous(signum, frame)

        # Outside of the main thread there are no signals to be had. The loop's own wake-up stays as it is.
        with contextlib.suppress(ValueError):
            signal.signal(number, handle)
            signal.siginterrupt(number, False)
