"""A connection that gives up at a moment which its thread has set."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.rows import TupleRow

T = TypeVar("T")

LOOK_SECONDS = 0.1  # psycopg's own: how often a wait looks for Ctrl-C


class _Patience(threading.local):
    ends: float | None = None  # by time.monotonic()


_patience = _Patience()


@contextmanager
def answered_within(seconds: float) -> Iterator[None]:
    """Let no statement of this thread wait beyond so many seconds from now, whatever the server does.

    It then raises OperationalError, and its connection is of no more use. What the server still does is unknown.
    """
    before = _patience.ends
    _patience.ends = time.monotonic() + seconds
    try:
        yield
    finally:
        _patience.ends = before


class Connection(psycopg.Connection[TupleRow]):
    """What `answered_within` says holds for all that waits for the server, the pool's question included."""

    def wait(self, gen: PQGen[T], interval: float = LOOK_SECONDS, timeout: float | None = None) -> T:
        ends = _patience.ends
        if ends is None:
            return super().wait(gen, interval, timeout)
        left = max(ends - time.monotonic(), 0.0)
        try:
            return super().wait(gen, interval, left if timeout is None else min(left, timeout))
        except psycopg.OperationalError:
            if time.monotonic() >= ends:
                self.pgconn.finish()  # in the middle of a statement nobody else can use it
            raise
