"""The present moment, whole seconds, and identifiers that sort by time."""

import os
import secrets
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_COUNTER_BITS, _TAIL_BITS = 42, 32


def now() -> datetime:
    """Give the present moment, aware, in UTC."""
    return datetime.now(UTC)


def epoch_second(moment: datetime) -> int:
    """Give the whole seconds since 1970 in UTC, rounded down, before 1970 too. ValueError without a zone."""
    try:
        return (moment - _EPOCH) // _SECOND
    except TypeError:
        raise ValueError(f"Not a moment with a time zone: {moment!r}.") from None


def uuid7() -> uuid.UUID:
    """Give a new UUID of version 7, greater than every one this process gave before.

    RFC 9562, 6.2, method 1: milliseconds, a counter of 42 bits that starts anywhere in its lower half each
    millisecond, 32 random bits. A clock set back does not break the order.
    """
    return _sequence.next()


class _Sequence:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._millisecond = -1
        self._counter = 0

    def next(self) -> uuid.UUID:
        with self._lock:
            self._advance(time.time_ns() // 1_000_000)
            millisecond, counter = self._millisecond, self._counter
        high, low = divmod(counter, 1 << 30)
        value = millisecond << 80 | 7 << 76 | high << 64 | 0b10 << 62 | low << 32 | secrets.randbits(_TAIL_BITS)
        return uuid.UUID(int=value)

    def _advance(self, millisecond: int) -> None:
        self._counter += 1
        if self._counter >> _COUNTER_BITS:
            millisecond = max(millisecond, self._millisecond + 1)
        if millisecond > self._millisecond:
            self._millisecond = millisecond
            self._counter = secrets.randbits(_COUNTER_BITS - 1)


def _start_sequence() -> None:
    global _sequence  # noqa: PLW0603
    _sequence = _Sequence()


_sequence: _Sequence
_start_sequence()
# A child must neither continue its parent's counter nor inherit its lock held by a thread that it lacks.
os.register_at_fork(after_in_child=_start_sequence)
