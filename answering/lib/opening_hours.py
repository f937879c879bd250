"""Opening hours as data: reading what a calendar is made of, and writing it back.

Every reader raises CalendarInvalid with the place of the mistake.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_S = 86_400
Hours = tuple[tuple[int, int], ...]

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?|24:00(?::00)?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class WorkTimeError(ValueError):
    """A question about working time that has no answer."""


class CalendarInvalid(WorkTimeError):
    """The calendar's data cannot be meant so; the message says where."""


def read_zone(name: object) -> ZoneInfo:
    with suppress(KeyError, ValueError, OSError):
        if isinstance(name, str) and name:
            return ZoneInfo(name)
    raise CalendarInvalid(f"Unknown time zone: {name!r}.")


def read_mapping(value: object, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise CalendarInvalid(f"{where}: a mapping is needed, not {value!r}.")
    return value


def read_list(value: object, where: str) -> Sequence[Any]:
    if not isinstance(value, (list, tuple)):
        raise CalendarInvalid(f"{where}: a list is needed, not {value!r}.")
    return value


def read_date(text: object) -> date:
    with suppress(ValueError):
        if isinstance(text, str) and _DATE.fullmatch(text):
            return date.fromisoformat(text)
    raise CalendarInvalid(f"Not a date (YYYY-MM-DD): {text!r}.")


def read_yearly(text: object) -> tuple[int, int]:
    day = read_date(f"2000-{text}")  # a leap year, so that 02-29 is allowed
    return day.month, day.day


def read_hours(value: object, where: str) -> Hours:
    """Read intervals as seconds from local midnight, sorted; an end beyond 24 h lies on the next day."""
    hours = sorted(_interval(pair, where) for pair in read_list(value, where))
    if any(start < end for (_, end), (start, _) in pairwise(hours)):
        raise CalendarInvalid(f"{where}: intervals overlap.")
    return tuple(hours)


def _interval(value: object, where: str) -> tuple[int, int]:
    if len(pair := read_list(value, where)) != 2:
        raise CalendarInvalid(f"{where}: an interval is [from, to], not {pair!r}.")
    start, end = (_second_of_day(text, where) for text in pair)
    if start == DAY_S:
        raise CalendarInvalid(f"{where}: 24:00 only ends an interval, the next day's 00:00 starts one.")
    return start, end if end > start else end + DAY_S


def _second_of_day(text: object, where: str) -> int:
    match = _TIME.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise CalendarInvalid(f"{where}: not a time of day (HH:MM): {text!r}.")
    return DAY_S if match[1] is None else int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3] or 0)


def hours_as_text(hours: Hours) -> list[list[str]]:
    return [[_time_as_text(start), _time_as_text(end)] for start, end in hours]


def _time_as_text(second: int) -> str:
    hour, rest = divmod(second - DAY_S if second > DAY_S else second, 3600)
    minute, rest = divmod(rest, 60)
    return f"{hour:02}:{minute:02}" + (f":{rest:02}" if rest else "")
