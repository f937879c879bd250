"""A caller hears something within three seconds, whatever our database does."""

from collections.abc import Callable
from typing import TypeVar

from answering.database.connection import answered_within

T = TypeVar("T")

SECONDS = 2.5


def within_budget(act: Callable[[], T]) -> T:
    """The result of `act`.

    Raises OperationalError when the database has not answered all of it in 2.5 s: one that does not answer may also
    not refuse. What was begun is then left behind; what it still does is a late but true fact.
    """
    with answered_within(SECONDS):
        return act()
