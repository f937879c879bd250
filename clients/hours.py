"""Questions about opening hours that screens ask."""

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
