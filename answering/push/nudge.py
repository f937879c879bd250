"""Nudges: "a row awaits you", told to a worker through the broker, lost without harm since a sweep finds the row.

A request only notes the nudge. One daemon thread per process hands it to the broker, so that a broker that is
away, or hangs, costs a request nothing.
"""

import atexit
import os
import threading
import time

import structlog
from celery import Task
from kombu.exceptions import OperationalError

QUEUE_LIMIT = 1000
EXIT_FLUSH_SECONDS = 0.5
# One more try at once: after a restart of the broker the first write meets the dead connection.
ONE_MORE_TRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}

log = structlog.get_logger(__name__)

Nudge = tuple[Task, tuple[int, ...]]  # type: ignore[type-arg]


class Messenger:
    """The nudges not yet sent and the thread that sends them. Public members may be called from any thread."""

    def __init__(self, *, limit: int = QUEUE_LIMIT) -> None:
        self._waiting: dict[Nudge, None] = {}
        self._limit = limit
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_sending = False
        self._is_out = False

    def put(self, nudge: Nudge) -> None:
        """Note a nudge; one that waits already is enough, one too many is left to the sweep."""
        with self._changed:
            if len(self._waiting) < self._limit:
                self._waiting[nudge] = None
            self._changed.notify_all()
            if self._thread is None:
                self._start()

    def flush(self, timeout: float) -> bool:
        """Wait until nothing waits or is under way; False when the time-out (seconds) came first."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while self._waiting or self._is_sending:
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    return False
                self._changed.wait(remaining)
        return True

    def _start(self) -> None:
        thread = threading.Thread(target=self._run, name="nudges", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # no thread to be had, or the interpreter is ending
            log.warning("nudge.not_started", error=str(error))
        else:
            self._thread = thread

    def _run(self) -> None:
        while True:
            task, ids = self._take()
            try:
                self._send(task, ids)
            except Exception:  # the loop must outlive whatever one nudge does
                log.exception("nudge.failed", task=task.name)
            finally:
                with self._changed:
                    self._is_sending = False
                    self._changed.notify_all()

    def _take(self) -> Nudge:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting)
            nudge = next(iter(self._waiting))
            del self._waiting[nudge]
            self._is_sending = True
            return nudge

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
    _messenger.put((task, ids))


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
