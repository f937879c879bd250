from collections.abc import Callable
from typing import ParamSpec

from django.db import transaction

P = ParamSpec("P")


def after_commit(act: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
    """Do this once the current transaction has committed; at once when there is none.

    Whatever it raises is logged, and keeps neither the caller nor what else was to be done from going on. Django's
    `robust` alone would not do: it asks what has failed for a name that a `partial` lacks (ticket 36487).
    """

    def call() -> None:
        act(*args, **kwargs)

    call.__qualname__ = getattr(act, "__qualname__", repr(act))
    transaction.on_commit(call, robust=True)
