"""Taking in what was kept while the database was away."""

from pathlib import Path

import structlog
from django.db import InterfaceError, OperationalError

from calls.carriers.twilio.facts import Malformed, inbound_call
from calls.carriers.twilio.reports import take_in
from calls.carriers.twilio.spool import Report, kept, put_aside
from calls.errors import LineUnknown
from calls.services import receive_failed_call

log = structlog.get_logger(__name__)


def take_in_kept() -> int:
    """Write down all that is kept, the oldest first, each once; gives the number.

    A call becomes a failed one with a call-back owed. Raises OperationalError while the database is away: what has
    not been written down stays kept. Several dispatchers may do it at once, for each report is taken in twice
    without harm.
    """
    return sum(_take_in(path, report) for path, report in kept())


def _take_in(path: Path, report: Report) -> bool:
    try:
        _write_down(report)
    except (OperationalError, InterfaceError):
        raise
    except (Malformed, LineUnknown) as error:
        put_aside(path, error)
        return False
    except Exception as error:  # a worker's loop
        log.exception("spool.not_taken_in", file=path.name)
        put_aside(path, error)
        return False
    path.unlink(missing_ok=True)
    return True


def _write_down(report: Report) -> None:
    if report.kind == "voice":
        receive_failed_call(inbound_call(report.params, report.received_at))
    else:
        take_in(report)
