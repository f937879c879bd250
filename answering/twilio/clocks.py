"""Our clock beside Twilio's, as the `Date` of its answers shows it (RFC 9110, 6.6.1: whole seconds, cut off)."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import structlog

log = structlog.get_logger(__name__)

TOLERATED = timedelta(seconds=2)
NOTHING = timedelta(0)

_gaps: dict[str, timedelta] = {}  # the last one that was seen, under "last"


def gap_of(date: str, asked_at: datetime, answered_at: datetime) -> timedelta | None:
    """By how much our clock is ahead for certain; negative when behind, zero when the answer fits; None without a date.

    The answer was made between asking and receiving it, in the second that it names.
    """
    try:
        told = parsedate_to_datetime(date)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    told = (told if told.tzinfo else told.replace(tzinfo=UTC)).astimezone(UTC)
    ahead, behind = asked_at - told - timedelta(seconds=1), told - answered_at
    return max(ahead, NOTHING) - max(behind, NOTHING)


def note_answer(date: str, asked_at: datetime, answered_at: datetime) -> None:
    """Remember what an answer shows; the log is told when the clocks come to differ by more than two seconds."""
    gap = gap_of(date, asked_at, answered_at)
    if gap is None:
        return
    was_off, _gaps["last"] = is_off(_gaps.get("last", NOTHING)), gap
    if is_off(gap) and not was_off:
        log.error("twilio.clock_off", seconds_ahead=round(gap.total_seconds(), 1))


def is_off(gap: timedelta) -> bool:
    """Whether it is more than the ledger bears."""
    return abs(gap) > TOLERATED


def last_gap() -> timedelta | None:
    """What the last answer with a date has shown, in this process."""
    return _gaps.get("last")


def forget_gap() -> None:
    """Know nothing, until the next answer."""
    _gaps.clear()
