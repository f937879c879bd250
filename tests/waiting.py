import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PAUSE_SECONDS = 0.02


def wait_until(condition: Callable[[], T], timeout: float = 10) -> T:
    """The first true value of the condition; fails if it has none within the time-out (seconds)."""
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        if time.monotonic() > deadline:
            name = getattr(condition, "__name__", condition)
            raise AssertionError(f"Still not so after {timeout:g} s: {name}")
        time.sleep(PAUSE_SECONDS)
    return value
