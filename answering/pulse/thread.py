"""The pulse of a process that has no loop of its own to beat it: a web worker."""

import os
import threading
from datetime import timedelta

import structlog
from django.db import Error, connection

from answering.pulse.services import beat_pulse

log = structlog.get_logger(__name__)

_threads: dict[str, "PulseThread"] = {}


class PulseThread(threading.Thread):
    """Beats until it is stopped; a database that is away is tried again at every beat."""

    def __init__(self, name: str, every: timedelta) -> None:
        super().__init__(name=f"pulse-{name}", daemon=True)
        self._service = name
        self._every = every
        self._stopped = threading.Event()
        self._is_out = False

    def stop(self, timeout: float = 5) -> None:
        """End the beats and wait until the thread is gone."""
        self._stopped.set()
        self.join(timeout)

    def run(self) -> None:
        while True:
            self._beat()
            if self._stopped.wait(self._every.total_seconds()):
                break
        connection.close()

    def _beat(self) -> None:
        try:
            beat_pulse(self._service)
        except Error as error:
            connection.close()
            if not self._is_out:
                log.warning("pulse_outage", service=self._service, error=str(error).strip())
            self._is_out = True
            return
        finally:
            # Back to the pool between beats, if there is one.
            connection.close_if_unusable_or_obsolete()
        if self._is_out:
            log.info("pulse_recovered", service=self._service)
        self._is_out = False


def start_pulse(name: str, every: timedelta = timedelta(seconds=2)) -> PulseThread:
    """Beat for a part of the service from a daemon thread of this process, at once and then regularly.

    A second start in one process finds the first thread. A forked child has none and starts its own.
    """
    thread = _threads.get(name)
    if thread is None or not thread.is_alive():
        thread = _threads[name] = PulseThread(name, every)
        thread.start()
    return thread


os.register_at_fork(after_in_child=_threads.clear)
