"""Questions about opening hours that screens ask."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from answering.lib.worktime import WorkCalendar

FAR = timedelta(days=7)
_NEXT = timedelta(microseconds=1)


def next_closing(hours: WorkCalendar, moment: datetime) -> datetime | None:
    """When the hours that run at `moment` end, in UTC; None while closed, and when that is a week or more away."""
    if not hours.is_open(moment):
        return None
    if hours.between(moment, moment + FAR) == FAR:
        return None
    # Until the next opening there is one stretch of working time: what is left of the present one.
    opening = hours.next_opening(moment + _NEXT) or moment + FAR
    return moment + hours.between(moment, opening)


def open_stretches(hours: WorkCalendar, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The stretches of working time between two moments, in order, cut off at both."""
    moment: datetime | None = start if hours.is_open(start) else hours.next_opening(start)
    while moment is not None and moment < end:
        opening = hours.next_opening(moment + _NEXT)
        until = end if opening is None else min(opening, end)
        yield moment, moment + hours.between(moment, until)
        moment = opening
