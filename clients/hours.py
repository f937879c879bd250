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


def open_stretches(hours: WorkCalendar, low: datetime, high: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The opening times from low to high, cut off there, in UTC."""
    opening = low if hours.is_open(low) else hours.next_opening(low)
    while opening is not None and opening < high:
        closing = next_closing(hours, opening) or high
        yield opening, min(closing, high)
        opening = closing if hours.is_open(closing) else hours.next_opening(closing)
