import signal
import threading
import time
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandParser
from django.db import InterfaceError, OperationalError, close_old_connections, reset_queries

from answering.pulse.services import beat_pulse
from calls.carriers.twilio.intake import take_in_kept
from calls.services.colleagues import end_finished
from calls.services.order_runner import carry_out_due
from calls.services.timers import BATCH, run_due_timers

log = structlog.get_logger(__name__)
PERIOD = 1.0
BATCHES_PER_ROUND = 20


class Command(BaseCommand):
    help = "Serve the timers of calls every second. Needs no broker; several may run side by side."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round, then stop")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        if not options["once"]:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            began = time.monotonic()
            serve_round()
            if options["once"]:
                return
            stop.wait(max(0.05, PERIOD - (time.monotonic() - began)))


def _take_in_kept() -> None:
    """A disk that fails must not keep calls from their timers."""
    try:
        take_in_kept()
    except OSError as error:
        log.error("dispatch.spool_unreadable", error=str(error)[:200])


def serve_round() -> None:
    """One round; a database that is away is waited for."""
    try:
        for _batch in range(BATCHES_PER_ROUND):
            beat_pulse("dispatcher")
            if run_due_timers() < BATCH:
                break
        carry_out_due()
        end_finished()
        _take_in_kept()
    except (OperationalError, InterfaceError) as error:
        log.warning("dispatch.database_away", error=str(error).strip()[:200])
        time.sleep(PERIOD)
    finally:
        close_old_connections()
        reset_queries()
