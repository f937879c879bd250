"""Taking in what was kept while the database was away."""

from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

import structlog
from django.db import InterfaceError, OperationalError

from answering.lib import clock
from calls.carriers.twilio.facts import Malformed, inbound_call
from calls.carriers.twilio.reports import take_in
from calls.carriers.twilio.spool import Report, kept, put_aside
from calls.errors import LineUnknown
from calls.services import receive_failed_call

log = structlog.get_logger(__name__)


AT_ONCE = 50
TRY_AGAIN_AFTER = timedelta(seconds=30)

_not_before: dict[str, datetime] = {}


def take_in_kept() -> int:
    """Write down what is kept, the oldest first, each once, at most fifty at a time; gives the number.

    A call becomes a failed one with a call-back owed. Raises OperationalError while the database is away: what has
    not been written down stays kept. Several dispatchers may do it at once, for each report is taken in twice
    without harm.
    """
    now = clock.now()
    waiting = ((path, report) for path, report in kept() if _not_before.get(path.name, now) <= now)
    return sum(_take_in(path, report) for path, report in islice(waiting, AT_ONCE))


def _take_in(path: Path, report: Report) -> bool:
    try:
        _write_down(report)
    except (OperationalError, InterfaceError):
        raise
    except (Malformed, LineUnknown) as error:
        put_aside(path, error)
        return False
    except Exception:  # a worker's loop; what the code of today cannot take in, that of tomorrow may
        log.exception("spool.not_taken_in", file=path.name)
        _not_before[path.name] = clock.now() + TRY_AGAIN_AFTER
        return False
    _not_before.pop(path.name, None)
    path.unlink(missing_ok=True)
    return True


def _write_down(report: Report) -> None:
    if report.kind == "voice":
        receive_failed_call(inbound_call(report.params, report.received_at))
    else:
        take_in(report)
