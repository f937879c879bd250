"""A caller hears something within three seconds, whatever our database does."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError

from answering.database.connection import answered_within
from calls.errors import LineUnknown

T = TypeVar("T")

SECONDS = 2.5
TIMES_IN_VAIN = 8
# What fails sooner was refused, and keeps nobody waiting.
IN_VAIN_SECONDS = 1.0
FORGET_SECONDS = 10.0


class _Patience:
    """How often the database has been waited for in vain, one after another; after eight times only one waits."""

    def __init__(self) -> None:
        self._in_vain, self._last_at = 0, 0.0
        self._first_to_ask = threading.Lock()

    def is_over(self) -> bool:
        return self._in_vain >= TIMES_IN_VAIN and time.monotonic() - self._last_at < FORGET_SECONDS

    def ask(self, act: Callable[[], T]) -> T:
        """Do it, unless it is known that it would be in vain and somebody is trying that already."""
        if not self.is_over():
            return self._try(act)
        if not self._first_to_ask.acquire(blocking=False):
            raise OperationalError("The database has not answered for some seconds.")
        try:
            return self._try(act)
        finally:
            self._first_to_ask.release()

    def _try(self, act: Callable[[], T]) -> T:
        began = time.monotonic()
        try:
            with answered_within(SECONDS):
                result = act()
        except OperationalError:
            if time.monotonic() - began >= IN_VAIN_SECONDS:
                self._in_vain, self._last_at = self._in_vain + 1, time.monotonic()
            raise
        except LineUnknown:  # an answer too
            self._in_vain = 0
            raise
        self._in_vain = 0
        return result


_patience = _Patience()


def within_budget(act: Callable[[], T]) -> T:
    """The result of `act`.

    Raises OperationalError when the database has not answered all of it in 2.5 s: one that does not answer may also
    not refuse. What was begun is then left behind; what it still does is a late but true fact. Once that has happened
    eight times without an answer between, all but one hear so at once, so that many who call are not answered one
    after another.
    """
    return _patience.ask(act)
