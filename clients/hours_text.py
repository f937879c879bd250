"""Opening hours of a day as people type them: "9-13, 14:00-18:00". Pure."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from clients.errors import HoursEmpty, HoursOverlap, HoursUnreadable

DAY = 1440
MOST_INTERVALS = 12
LONGEST = 200
Minutes = tuple[int, int]

_INTERVAL = re.compile(r"(\d{1,2})(?:[:.](\d\d))?\s*[-–—]\s*(\d{1,2})(?:[:.](\d\d))?", re.ASCII)


def read_hours_text(text: str) -> list[Minutes]:
    """Intervals in minutes of the day, sorted; none for an empty text. One that ends before it starts ends next day.

    Raises HoursUnreadable, HoursEmpty for 9:00-9:00, HoursOverlap.
    """
    pieces = [piece for piece in re.split(r"[,;]", text) if piece.strip()]
    if len(pieces) > MOST_INTERVALS:
        raise HoursUnreadable(text[:LONGEST])
    hours = sorted(_interval(piece.strip()) for piece in pieces)
    for (start, end), (next_start, _) in pairwise(hours):
        if closing((start, end)) > next_start:
            raise HoursOverlap(hours_text(hours))
    return hours


def closing(interval: Minutes) -> int:
    """The end in minutes from the midnight before its start."""
    start, end = interval
    return end if end > start else end + DAY


def _interval(piece: str) -> Minutes:
    match = _INTERVAL.fullmatch(piece)
    if match is None:
        raise HoursUnreadable(piece)
    start, end = (_minute(match[hour], match[hour + 1], piece) for hour in (1, 3))
    if start == DAY:
        raise HoursUnreadable(piece)
    if start == end:
        raise HoursEmpty(piece)
    return start, end or DAY


def _minute(hour: str, minute: str | None, piece: str) -> int:
    total = int(hour) * 60 + int(minute or 0)
    if total > DAY or int(minute or 0) > 59:
        raise HoursUnreadable(piece)
    return total


def check_week(week: Sequence[Sequence[Minutes]]) -> None:
    """Raise HoursOverlap, with the weekday (0 is Monday), where a night's hours reach into the next day's."""
    for day, hours in enumerate(week):
        following = week[(day + 1) % 7]
        if hours and following and closing(hours[-1]) - DAY > following[0][0]:
            raise HoursOverlap(hours_text(hours), weekday=day)


def hours_text(hours: Iterable[Minutes]) -> str:
    """The intervals as `read_hours_text` reads them."""
    return ", ".join(f"{_face(start)}-{_face(end)}" for start, end in hours)


def _face(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02d}"
