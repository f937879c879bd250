"""Nudges: "a row awaits you", told to a worker through the broker, lost without harm since a sweep finds the row.

A request only notes the nudge. One daemon thread per process hands it to the broker, so that a broker that is
away, or hangs, costs a request nothing.
"""

import atexit
import os

import structlog
from celery import Task
from kombu.exceptions import OperationalError

from answering.push.outgoing import Outgoing

QUEUE_LIMIT = 1000
EXIT_FLUSH_SECONDS = 0.5
# One more try at once: after a restart of the broker the first write meets the dead connection.
ONE_MORE_TRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}

log = structlog.get_logger(__name__)

Nudge = tuple[Task, tuple[int, ...]]  # type: ignore[type-arg]


class Messenger(Outgoing[Nudge]):
    """Hands nudges to the broker; what it cannot, is left to the sweeps."""

    name = "nudges"
    batch_limit = 100

    def __init__(self, *, limit: int = QUEUE_LIMIT) -> None:
        super().__init__(limit=limit)
        self._is_out = False

    def send(self, batch: list[Nudge]) -> None:
        """One after another; one that fails for a reason of its own does not hold up the rest."""
        for task, ids in batch:
            try:
                self._send(task, ids)
            except Exception:  # whatever one task does
                log.exception("nudge.failed", task=task.name)

    def note_dropped(self, count: int, reason: str) -> None:
        """Nothing to do: a sweep finds the rows."""

    def _send(self, task: Task, ids: tuple[int, ...]) -> None:  # type: ignore[type-arg]
        try:
            task.apply_async(ids, ignore_result=True, retry=True, retry_policy=ONE_MORE_TRY)
        except (OperationalError, OSError) as error:
            if not self._is_out:
                log.warning("nudge.broker_away", task=task.name, error=str(error)[:200])
            self._is_out = True
        else:
            self._is_out = False


def nudge(task: Task, *ids: int) -> None:  # type: ignore[type-arg]
    """Tell a worker that a row awaits it; returns at once and never raises for the broker."""
    _messenger.add((task, ids))


def flush(timeout: float) -> bool:
    """Wait until this process's nudges have been sent or dropped; False if that took longer (seconds)."""
    return _messenger.flush(timeout)


def _begin() -> None:
    global _messenger  # noqa: PLW0603
    _messenger = Messenger()


_messenger: Messenger
_begin()
# A forked child has none of its parent's threads, and must not send the parent's nudges a second time.
os.register_at_fork(after_in_child=_begin)
atexit.register(flush, EXIT_FLUSH_SECONDS)
