"""What a sweep does with one row after another."""

from collections.abc import Callable
from typing import TypeVar

import structlog
from django.db import InterfaceError, OperationalError

log = structlog.get_logger(__name__)

T = TypeVar("T")


def go_on(act: Callable[[int], T], row_id: int, *, failure: str) -> T | None:
    """What `act` gives; None where it failed, which must not keep other rows from theirs. The log calls it `failure`.

    An outage of the database is raised: the other rows would meet it too.
    """
    try:
        return act(row_id)
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # a worker's loop
        log.exception(failure, by=act.__name__, row=row_id)
        return None
