"""What becomes of an arriving call, and on what grounds: the router acts on it, the desk explains it. No query."""

import enum
from dataclasses import dataclass
from datetime import datetime

import structlog

from answering.lib.worktime import WorkTimeError
from calls.models import Caller
from calls.states import EventKind
from clients.models import Line

log = structlog.get_logger(__name__)


class Ground(enum.StrEnum):
    """What decided, in the order in which it is asked."""

    BLOCKED = "blocked"
    ALWAYS_CONNECTED = "always_connected"
    IN_HOURS = "in_hours"
    OUT_OF_HOURS = "out_of_hours"
    WITHOUT_HOURS = "without_hours"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`kind` is BLOCKED, LINE_CLOSED or QUEUED; `opens_at` is known of a closed line that opens again."""

    kind: EventKind
    ground: Ground
    opens_at: datetime | None = None


def decide(line: Line, caller: Caller | None, moment: datetime) -> Verdict:
    """What becomes of a call on this line at this moment, from this caller if they are known."""
    known = caller.kept if caller is not None else None
    if known is not None and known.is_blocked:
        return Verdict(EventKind.BLOCKED, Ground.BLOCKED)
    if known is not None and known.is_always_connected:
        return Verdict(EventKind.QUEUED, Ground.ALWAYS_CONNECTED)
    return by_hours(line, moment)


def by_hours(line: Line, moment: datetime) -> Verdict:
    """What the line's hours say; a calendar that nobody has filled in yet is closed too."""
    try:
        hours = line.calendar.work_calendar()
    except WorkTimeError as error:
        log.warning("line.without_hours", line=line.slug, error=str(error))
        return Verdict(EventKind.LINE_CLOSED, Ground.WITHOUT_HOURS)
    if hours.is_open(moment):
        return Verdict(EventKind.QUEUED, Ground.IN_HOURS)
    return Verdict(EventKind.LINE_CLOSED, Ground.OUT_OF_HOURS, hours.next_opening(moment))
