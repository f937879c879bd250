"""What becomes of an arriving call, and on what grounds: the router acts on it, the desk explains it. No query."""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from answering.lib.worktime import WorkCalendar, WorkTimeError
from calls.models import Caller
from calls.states import EventKind
from clients.models import Handling, Line, Situation

log = structlog.get_logger(__name__)

FARTHEST_OPENING = timedelta(days=2 * 366)


class Ground(enum.StrEnum):
    """What decided, in the order in which it is asked."""

    BLOCKED = "blocked"
    ALWAYS_CONNECTED = "always_connected"
    SITUATION = "situation"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a line stands at a moment.

    `opens_at` is when its hours run again without a notice, None while they do and where nobody knows. A calendar
    that nobody has filled in yet `has_hours` not, and is always closed.
    """

    situation: Situation
    has_notice: bool = False
    opens_at: datetime | None = None
    has_hours: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """`kind` is BLOCKED, LINE_CLOSED or QUEUED."""

    kind: EventKind
    ground: Ground
    standing: Standing


def stands(line: Line, moment: datetime, *, notice_until: datetime | None) -> Standing:
    """The line's situation at this moment; `notice_until` is when its last running notice ends, None without one."""
    has_notice = notice_until is not None
    try:
        hours = line.calendar.work_calendar()
    except (WorkTimeError, NotImplementedError) as error:  # the latter for a country that `holidays` does not know
        log.warning("line.without_hours", line=line.slug, error=str(error))
        return Standing(Situation.AFTER_HOURS, has_notice, has_hours=False)
    if hours.is_open(moment):
        if notice_until is None:
            return Standing(Situation.IN_HOURS)
        is_answered_meanwhile = line.during_notice == Handling.ANSWER
        return Standing(
            Situation.NOTICE, has_notice, None if is_answered_meanwhile else _open_from(hours, notice_until, moment)
        )
    situation = Situation.HOLIDAY if hours.is_free_day(moment) else Situation.AFTER_HOURS
    opens_at = hours.next_opening(moment)
    if notice_until is not None and line.during_notice == Handling.CALL_BACK and opens_at is not None:
        opens_at = _open_from(hours, max(opens_at, notice_until), moment)
    return Standing(situation, has_notice, opens_at)


def _open_from(hours: WorkCalendar, since: datetime, now: datetime) -> datetime | None:
    """The first moment of the hours from then on; None for what is too far away to be told, or beyond all calendars."""
    if since - now > FARTHEST_OPENING:
        return None
    try:
        return since if hours.is_open(since) else hours.next_opening(since)
    except WorkTimeError:
        return None


def decide(line: Line, caller: Caller | None, standing: Standing) -> Verdict:
    """What becomes of a call on this line as it stands, from this caller if they are known."""
    known = caller.kept if caller is not None else None
    if known is not None and known.is_blocked:
        return Verdict(EventKind.BLOCKED, Ground.BLOCKED, standing)
    if known is not None and known.is_always_connected:
        return Verdict(EventKind.QUEUED, Ground.ALWAYS_CONNECTED, standing)
    return Verdict(_by_situation(line, standing), Ground.SITUATION, standing)


def is_answered(line: Line, standing: Standing) -> bool:
    """Whether agents answer whoever calls the line as it stands."""
    return line.handling_in(standing.situation) == Handling.ANSWER


def _by_situation(line: Line, standing: Standing) -> EventKind:
    return EventKind.QUEUED if is_answered(line, standing) else EventKind.LINE_CLOSED
