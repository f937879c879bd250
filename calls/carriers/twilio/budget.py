"""A caller hears something within three seconds, whatever our database does."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import OperationalError, connection

T = TypeVar("T")

SECONDS = 2.5
THREADS = 8
# What fails sooner was refused, and keeps nobody waiting.
IN_VAIN_SECONDS = 1.0
FORGET_SECONDS = 10.0

_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="within-budget")


class _Patience:
    """How often the database has been waited for in vain, one after another; after eight times only one waits."""

    def __init__(self) -> None:
        self._in_vain, self._last_at = 0, 0.0
        self._first_to_ask = threading.Lock()

    def is_over(self) -> bool:
        return self._in_vain >= THREADS and time.monotonic() - self._last_at < FORGET_SECONDS

    def ask(self, act: Callable[[], T]) -> T:
        """Do it, unless it is known that it would be in vain and somebody is trying that already."""
        if not self.is_over():
            return _in_time(act)
        if not self._first_to_ask.acquire(blocking=False):
            raise OperationalError("The database has not answered for some seconds.")
        try:
            return _in_time(act)
        finally:
            self._first_to_ask.release()

    def note(self, seconds: float) -> None:
        """The database has failed somebody after so long."""
        if seconds >= IN_VAIN_SECONDS:
            self._in_vain, self._last_at = self._in_vain + 1, time.monotonic()

    def answered(self) -> None:
        self._in_vain = 0


_patience = _Patience()


def within_budget(act: Callable[[], T]) -> T:
    """The result of `act`, which runs in a thread with a connection of its own.

    Raises OperationalError when it takes longer than 2.5 s: a database that does not answer may also not refuse.
    What was begun is then left behind; what it still does is a late but true fact. Once that has happened eight times
    without an answer between, all but one hear so at once, so that many who call are not answered one after another.
    Inside a transaction it is simply done, for only its own connection sees what the transaction has done.
    """
    return act() if connection.in_atomic_block else _patience.ask(act)


def _in_time(act: Callable[[], T]) -> T:
    began, under_way = time.monotonic(), _threads.submit(_closing, act)
    try:
        result = under_way.result(SECONDS)
    except TimeoutError as error:
        under_way.cancel()  # unless it has begun
        _patience.note(time.monotonic() - began)
        raise OperationalError("The database did not answer in time.") from error
    except OperationalError:
        _patience.note(time.monotonic() - began)
        raise
    _patience.answered()
    return result


def _closing(act: Callable[[], T]) -> T:
    try:
        return act()
    finally:
        connection.close()
