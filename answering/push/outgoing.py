import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from typing import Generic, TypeVar

import structlog

log = structlog.get_logger(__name__)

Item = TypeVar("Item")

# What comes within this time of a batch goes with the next: one waking and one exchange for many in a rush.
PAUSE_SECONDS = 0.005


class Outgoing(ABC, Generic[Item]):
    """A bounded queue of a process and the daemon thread that sends what is in it.

    Who puts something in never waits and never fails. The thread starts with the first item. Public members
    may be called from any thread.
    """

    name: str
    batch_limit: int

    def __init__(self, *, limit: int) -> None:
        self._queue: deque[Item] = deque()
        self._limit = limit
        self._sending = 0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    @abstractmethod
    def send(self, batch: list[Item]) -> None:
        """Send what was queued, each item once; called by the thread alone."""

    @abstractmethod
    def note_dropped(self, count: int, reason: str) -> None:
        """So many items were given up: the queue was full, or sending failed for an unknown reason."""

    def add(self, item: Item) -> None:
        """Queue an item; when the queue is full the oldest gives way, for the newest says most."""
        with self._changed:
            if len(self._queue) >= self._limit:
                self._queue.popleft()
                self.note_dropped(1, "full")
            self._queue.append(item)
            self._changed.notify_all()
            if self._thread is None:
                self._start()

    def flush(self, timeout: float) -> bool:
        """Wait until nothing is queued or under way; False when the time-out (seconds) came first."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while self._queue or self._sending:
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    return False
                self._changed.wait(remaining)
        return True

    def _start(self) -> None:
        thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # no thread to be had, or the interpreter is ending
            log.warning("outgoing.not_started", what=self.name, error=str(error))
        else:
            self._thread = thread

    def _run(self) -> None:
        while True:
            batch = self._take()
            try:
                self.send(batch)
            except Exception:  # the loop must outlive whatever one batch does
                log.exception("outgoing.failed", what=self.name)
                self.note_dropped(len(batch), "error")
            finally:
                with self._changed:
                    self._sending = 0
                    self._changed.notify_all()
            time.sleep(PAUSE_SECONDS)

    def _take(self) -> list[Item]:
        with self._changed:
            self._changed.wait_for(lambda: self._queue)
            batch = [self._queue.popleft() for _ in range(min(len(self._queue), self.batch_limit))]
            self._sending = len(batch)
        # The same item twice in one batch says nothing more: it is sent after both commits.
        return list(dict.fromkeys(batch))
