"""A caller hears something within three seconds, whatever our database does."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import OperationalError, connection

T = TypeVar("T")

SECONDS = 2.5
THREADS = 8

_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="within-budget")


def within_budget(act: Callable[[], T]) -> T:
    """The result of `act`, which runs in a thread with a connection of its own.

    Raises OperationalError when it takes longer than 2.5 s: a database that does not answer may also not refuse.
    What was begun is then left behind; what it still does is a late but true fact. Inside a transaction it is
    simply done, for only its own connection sees what the transaction has done.
    """
    if connection.in_atomic_block:
        return act()
    under_way = _threads.submit(_closing, act)
    try:
        return under_way.result(SECONDS)
    except TimeoutError as error:
        under_way.cancel()  # unless it has begun
        raise OperationalError("The database did not answer in time.") from error


def _closing(act: Callable[[], T]) -> T:
    try:
        return act()
    finally:
        connection.close()
