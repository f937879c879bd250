"""Working time: deadlines and durations on a calendar of opening hours.

The rules, in one place:

* An interval counts from its opening up to, not including, its closing. One whose end is not after its start
  runs into the next day ("22:00" to "06:00", and "00:00" to "00:00" is the whole day). It belongs to the day on
  which it starts: nothing that is said of the next day cuts it, and where it runs into the next day's hours
  the time counts once.
* ``dates`` replaces the hours of its day and beats ``holidays`` and ``holidays_yearly``, which empty the day.
* Time is real elapsed time. A local time skipped by a clock change takes the offset before the change, one that
  occurs twice means its first occurrence.
* A deadline is the earliest moment by which the working time has passed: exactly at closing it stays at
  closing, exactly at the start of a pause it stays there, and no time at all leaves the start as it is, even
  outside hours.

Calendars are prepared as sorted, merged intervals with running totals, so that a question costs two binary
searches whatever the distance. They are built as far as questions reach, and swapped in by one assignment:
threads may ask at the same time, at worst two of them prepare the same thing.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple, Self
from zoneinfo import ZoneInfo

from answering.lib.opening_hours import (
    DAY_S,
    WEEKDAYS,
    CalendarInvalid,
    Hours,
    WorkTimeError,
    hours_as_text,
    read_date,
    read_hours,
    read_list,
    read_mapping,
    read_yearly,
    read_zone,
)

__all__ = [
    "EARLIEST",
    "LATEST",
    "WEEKDAYS",
    "CalendarEmpty",
    "CalendarInvalid",
    "ClockStopped",
    "DurationInvalid",
    "MomentInvalid",
    "WorkCalendar",
    "WorkTimeError",
]

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = DAY_S * 1_000_000
_TEN_YEARS_IN_DAYS = 3653
_TEN_YEARS = _TEN_YEARS_IN_DAYS * _DAY
_FIRST, _LAST = ((edge - _EPOCH) // timedelta(microseconds=1) for edge in (EARLIEST, LATEST))
_NEVER = 2 * _LAST
_NO_TIME = "The calendar has no working time within ten years."
_KEYS = {"timezone", "weekly_hours", "dates", "holidays", "holidays_yearly"}

Pauses = Iterable[tuple[datetime, datetime | None]]


class CalendarEmpty(WorkTimeError):
    """The calendar has no working time within ten years."""


class MomentInvalid(WorkTimeError):
    """A moment without time zone, or outside EARLIEST to LATEST."""


class DurationInvalid(WorkTimeError):
    """A negative duration, or a pause that ends before it starts."""


class ClockStopped(WorkTimeError):
    """There is no deadline while a pause is open."""


class _Table(NamedTuple):
    """Merged intervals in microseconds since the epoch, complete for every moment from low to high.

    ``totals[i]`` is the working time from the first interval to the end of interval i, ``voids`` are stretches of
    more than ten years without an interval.
    """

    low: int
    high: int
    starts: list[int]
    ends: list[int]
    totals: list[int]
    voids: list[tuple[int, int]]

    def worked(self, moment: int) -> int:
        index = bisect_right(self.starts, moment) - 1
        if index < 0:
            return 0
        left = self.ends[index] - moment
        return self.totals[index] - left if left > 0 else self.totals[index]

    def reach(self, total: int) -> int:
        """Give the earliest moment with this much worked, or one beyond the table."""
        index = bisect_left(self.totals, total)
        if index == len(self.totals):
            return _NEVER
        return self.ends[index] - self.totals[index] + total


_NOTHING = _Table(_NEVER, -_NEVER, [], [], [], [])


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Opening hours in one time zone. Made by ``from_dict``; equal data make equal calendars."""

    timezone: str
    weekly: tuple[Hours, ...]
    dates: tuple[tuple[date, Hours], ...]
    holidays: frozenset[date]
    holidays_yearly: frozenset[tuple[int, int]]
    _zone: ZoneInfo = field(init=False, repr=False, compare=False)
    _special: dict[date, Hours] = field(init=False, repr=False, compare=False)
    _table: _Table = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not any(self.weekly) and not any(hours for _, hours in self.dates):
            raise CalendarEmpty("The calendar has no working hours at all.")
        special: dict[date, Hours] = dict.fromkeys(self.holidays, ())
        special.update(self.dates)
        object.__setattr__(self, "_zone", read_zone(self.timezone))
        object.__setattr__(self, "_special", special)
        object.__setattr__(self, "_table", _NOTHING)

    def __reduce__(self) -> tuple[Any, ...]:
        return WorkCalendar.from_dict, (self.to_dict(),)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read a calendar.

        ``timezone``: IANA name. ``weekly_hours``: mon..sun to a list of ["HH:MM", "HH:MM"], days left out are
        closed. Optional: ``dates``, ISO date to such a list; ``holidays``, ISO dates; ``holidays_yearly``,
        "MM-DD". Raises CalendarInvalid, or CalendarEmpty where no day has hours.
        """
        if unknown := set(read_mapping(data, "calendar")) - _KEYS:
            raise CalendarInvalid(f"Unknown calendar entries: {', '.join(sorted(map(str, unknown)))}.")
        weekly = read_mapping(data.get("weekly_hours"), "weekly_hours")
        if unknown := set(weekly) - set(WEEKDAYS):
            raise CalendarInvalid(f"Unknown weekdays: {', '.join(sorted(map(str, unknown)))}; use mon to sun.")
        dates = {
            read_date(day): read_hours(hours, day)
            for day, hours in read_mapping(data.get("dates", {}), "dates").items()
        }
        holidays, yearly = (read_list(data.get(key, ()), key) for key in ("holidays", "holidays_yearly"))
        return cls(
            timezone=read_zone(data.get("timezone")).key,
            weekly=tuple(read_hours(weekly.get(day, ()), day) for day in WEEKDAYS),
            dates=tuple(sorted(dates.items())),
            holidays=frozenset(map(read_date, holidays)),
            holidays_yearly=frozenset(map(read_yearly, yearly)),
        )

    def to_dict(self) -> dict[str, Any]:
        """Give the data that ``from_dict`` reads back as an equal calendar."""
        return {
            "timezone": self.timezone,
            "weekly_hours": {
                day: hours_as_text(hours) for day, hours in zip(WEEKDAYS, self.weekly, strict=True) if hours
            },
            "dates": {day.isoformat(): hours_as_text(hours) for day, hours in self.dates},
            "holidays": sorted(day.isoformat() for day in self.holidays),
            "holidays_yearly": sorted(f"{month:02}-{day:02}" for month, day in self.holidays_yearly),
        }

    def add(self, start: datetime, duration: timedelta, pauses: Pauses = ()) -> datetime:
        """Give the earliest moment, in UTC, by which this much working time has passed since start.

        Pauses do not count; they may overlap, and one that ends at None is still open: ClockStopped unless
        the time has passed before it. CalendarEmpty when ten years on end bring no working time.
        """
        begin = _micros(start)
        wanted = _ticks(duration)
        stops = _merged(pauses) if pauses else []
        if wanted < 0:
            raise DurationInvalid(f"Working time to add is never negative: {duration}.")
        if wanted == 0:
            return _moment(begin)
        if wanted > _LAST - begin:
            raise MomentInvalid(f"The deadline would be later than {LATEST:%Y}.")
        table = self._covering(begin, max(begin, _last_edge(stops)) if stops else begin)
        while (due := _due(table, begin, wanted, stops)) > table.high:
            table = self._further(table, begin)
        if table.voids and any(end <= due and end - max(begin, start) > _TEN_YEARS for start, end in table.voids):
            raise CalendarEmpty(_NO_TIME)
        return _moment(due)

    def between(self, start: datetime, end: datetime, pauses: Pauses = ()) -> timedelta:
        """Give the working time from start to end without the pauses; nothing if end is not after start."""
        begin, finish = _micros(start), _micros(end)
        stops = _merged(pauses) if pauses else []
        if finish <= begin:
            return timedelta(0)
        table = self._covering(begin, finish)
        worked = table.worked(finish) - table.worked(begin)
        for stop, resume in ((max(stop, begin), min(resume, finish)) for stop, resume in stops):
            if stop < resume:
                worked -= table.worked(resume) - table.worked(stop)
        return timedelta(microseconds=worked)

    def is_open(self, moment: datetime) -> bool:
        """Tell whether the moment is working time: the opening is, the closing no longer."""
        instant = _micros(moment)
        table = self._covering(instant, instant)
        index = bisect_right(table.starts, instant) - 1
        return index >= 0 and instant < table.ends[index]

    def is_free_day(self, moment: datetime) -> bool:
        """Tell whether the moment's day, in the calendar's zone, is a holiday or a date without any hours."""
        _micros(moment)
        day = moment.astimezone(self._zone).date()
        hours = self._special.get(day)
        return not hours if hours is not None else (day.month, day.day) in self.holidays_yearly

    def next_opening(self, moment: datetime) -> datetime | None:
        """Give the first opening at or after the moment, in UTC.

        While open that is the opening after the next closing. None if none comes within ten years, as where
        it is always open.
        """
        instant = _micros(moment)
        horizon = min(instant + _TEN_YEARS, _LAST)
        table = self._covering(instant, instant)
        while True:
            index = bisect_left(table.starts, instant)
            if index < len(table.starts) and table.starts[index] <= min(table.high, horizon):
                return _moment(table.starts[index])
            if table.high >= horizon:
                return None
            table = self._covering(instant, table.high + 1)

    def close_of_working_day(self, moment: datetime) -> datetime:
        """Give the last closing, in UTC, of the working day that the moment belongs to.

        That is the day of the interval in which the moment lies, else its day in the calendar's zone. If
        that day has no working time left, it is the next one's that has. CalendarEmpty when none comes
        within ten years.
        """
        instant = _micros(moment)
        today = moment.astimezone(self._zone).date()
        for spans in (self._spans_of(today), self._spans_of(today - timedelta(days=1))):
            if any(opening <= instant < closing for opening, closing in spans):
                return _moment(max(closing for _, closing in spans))
        for n in range(_TEN_YEARS_IN_DAYS):
            spans = self._spans_of(today + timedelta(days=n))
            if spans and (closing := max(closing for _, closing in spans)) > instant:
                return _moment(closing)
        raise CalendarEmpty(_NO_TIME)

    def _hours_of(self, day: date) -> Hours:
        hours = self._special.get(day)
        if hours is not None:
            return hours
        return () if (day.month, day.day) in self.holidays_yearly else self.weekly[day.weekday()]

    def _spans_of(self, day: date) -> list[tuple[int, int]]:
        """Give the real intervals that belong to the day; a clock change can leave nothing of one."""
        spans = ((self._instant(day, a), self._instant(day, b)) for a, b in self._hours_of(day))
        return [(opening, closing) for opening, closing in spans if opening < closing]

    def _instant(self, day: date, second: int) -> int:
        # fold=0: the first of two equal local times, the offset before the change for a skipped one.
        local = datetime(day.year, day.month, day.day, tzinfo=self._zone) + timedelta(seconds=second)
        return _ticks(local - _EPOCH)

    def _covering(self, low: int, high: int) -> _Table:
        table = self._table
        if table.low <= low and high <= table.high:
            return table
        if table is not _NOTHING:
            length = table.high - table.low  # grow by doubling
            low = table.low if low >= table.low else min(low, table.low - length)
            high = table.high if high <= table.high else max(high, table.high + length)
        table = self._prepare(max(low - 60 * _DAY, _FIRST), min(high + 400 * _DAY, _LAST))
        object.__setattr__(self, "_table", table)
        return table

    def _prepare(self, low: int, high: int) -> _Table:
        # An interval of the days around the edges can reach into the range: one day on, and up to one of offset.
        first, last = _moment(low).date() - timedelta(days=3), _moment(high).date() + timedelta(days=3)
        days = (first + timedelta(days=n) for n in range((last - first).days))
        table = _Table(low, high, [], [], [], [])
        total, latest = 0, low
        for opening, closing in _union(span for day in days for span in self._spans_of(day)):
            total += closing - opening
            if opening - latest > _TEN_YEARS:
                table.voids.append((latest, opening))
            latest = closing
            table.starts.append(opening)
            table.ends.append(closing)
            table.totals.append(total)
        return table

    def _further(self, table: _Table, begin: int) -> _Table:
        latest = max(begin, table.ends[-1]) if table.ends else begin
        if table.high - latest >= _TEN_YEARS:
            raise CalendarEmpty(_NO_TIME)
        if table.high >= _LAST:
            raise MomentInvalid(f"The deadline would be later than {LATEST:%Y}.")
        return self._covering(table.low, table.high + 1)


def _last_edge(stops: list[tuple[int, int]]) -> int:
    stop, resume = stops[-1]
    return stop if resume == _NEVER else resume


def _due(table: _Table, begin: int, wanted: int, stops: list[tuple[int, int]]) -> int:
    target = table.worked(begin) + wanted
    for stop, resume in stops:
        if resume <= begin:
            continue
        reached = table.worked(max(stop, begin))
        if reached >= target:
            break
        if resume == _NEVER:
            raise ClockStopped("There is no deadline while a pause is open.")
        target += table.worked(resume) - reached
    return table.reach(target)


def _micros(moment: datetime) -> int:
    try:
        since = moment - _EPOCH
    except TypeError:
        raise MomentInvalid(f"Not a moment with a time zone: {moment!r}.") from None
    instant = _ticks(since)
    if not _FIRST <= instant <= _LAST:
        raise MomentInvalid(f"Out of range, {EARLIEST:%Y} to {LATEST:%Y}: {moment}.")
    return instant


def _ticks(length: timedelta) -> int:
    return (length.days * DAY_S + length.seconds) * 1_000_000 + length.microseconds  # faster than // by a timedelta


def _moment(instant: int) -> datetime:
    return _EPOCH + timedelta(microseconds=instant)


def _merged(pauses: Pauses) -> list[tuple[int, int]]:
    spans = []
    for start, end in pauses:
        stop, resume = _micros(start), _NEVER if end is None else _micros(end)
        if resume < stop:
            raise DurationInvalid(f"A pause ends before it starts: {start} to {end}.")
        spans.append((stop, resume))
    return _union(spans)


def _union(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sort the spans and join those that overlap or touch."""
    union: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if union and start <= union[-1][1]:
            union[-1] = (union[-1][0], max(end, union[-1][1]))
        else:
            union.append((start, end))
    return union
