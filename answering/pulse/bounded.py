import threading
from collections.abc import Callable
from typing import TypeVar

from django.db import connection

T = TypeVar("T")

MAX_CHECKS_UNDER_WAY = 8

_slots = threading.BoundedSemaphore(MAX_CHECKS_UNDER_WAY)


class CheckFailed(Exception):
    """A check could not say that all is well; the message is safe to show to anyone."""


def run_bounded(check: Callable[[], T], *, timeout: float) -> T:
    """The result of a check, run in a thread of its own with its own database connection.

    A check may hang in a network that swallows packets: after the time-out (seconds) it is left behind,
    and no more than MAX_CHECKS_UNDER_WAY are. Raises CheckFailed for that and for whatever the check raises.
    """
    if not _slots.acquire(blocking=False):
        raise CheckFailed("too many checks hang already")
    results: list[T] = []
    errors: list[str] = []

    def run() -> None:
        try:
            results.append(check())
        except Exception as error:  # noqa: BLE001  any failure of a check is its answer
            errors.append(type(error).__name__)
        finally:
            connection.close()
            _slots.release()

    thread = threading.Thread(target=run, name="health-check", daemon=True)
    thread.start()
    thread.join(timeout)
    if not results:
        raise CheckFailed(errors[0] if errors else f"no answer within {timeout:g} s")
    return results[0]
