"""Who is on duty when: repeating shifts, and somebody else instead from one moment to another. Pure, no ORM.

A shift is worked on its first day and then every so many weeks, by the clock of the plan's zone; one that ends
not after it begins ends on the next day. Where the clock is set forward over its end nothing is left of it.
While an override runs its person is on duty and nobody else; of several the newest counts.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
# The end of a shift lies at most two days after its day, and zones are at most 14 hours ahead.
_REACH = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Shift:
    """`person` works from one minute of the day to another, on `first_day` and every `every_weeks` weeks after."""

    person: int
    first_day: date
    starts_minute: int
    ends_minute: int
    every_weeks: int = 1
    last_day: date | None = None

    def is_on(self, day: date) -> bool:
        """Whether it begins on this day."""
        if day < self.first_day or (self.last_day is not None and day > self.last_day):
            return False
        return (day - self.first_day).days % (7 * self.every_weeks) == 0

    def days(self, first: date, last: date) -> Iterator[date]:
        """The days from first to last on which it begins."""
        step = 7 * self.every_weeks
        ahead = max((first - self.first_day).days, 0)
        day = self.first_day + timedelta(days=-(-ahead // step) * step)
        last = last if self.last_day is None else min(last, self.last_day)
        while day <= last:
            yield day
            day += timedelta(days=step)


@dataclass(frozen=True, slots=True)
class Override:
    """`person` is on duty from one moment to another instead of whoever it would be."""

    person: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Duty:
    """From one moment to another the same people are on duty; `people` begins with who answers for all.

    That is who began last; of those who began together the one whose shift was written first. Nobody is a gap,
    several are an overlap.
    """

    starts_at: datetime
    ends_at: datetime
    people: tuple[int, ...]
    is_override: bool = False


@dataclass(frozen=True, slots=True)
class RotaPlan:
    """Shifts in the order in which they were written, overrides too, and the zone whose clock the shifts follow."""

    zone: ZoneInfo
    shifts: Sequence[Shift] = ()
    overrides: Sequence[Override] = ()

    def on_duty(self, moment: datetime) -> tuple[int, ...]:
        """Who is on duty at a moment, by looking at every shift; what `Timetable.on_duty` must agree with."""
        for override in reversed(self.overrides):
            if override.starts_at <= moment < override.ends_at:
                return (override.person,)
        today = moment.astimezone(self.zone).date()
        days = [today - _DAY * n for n in range(-1, 4)]
        running = []
        for number, shift in enumerate(self.shifts):
            for day in days:
                if shift.is_on(day):
                    starts, ends = self._span(shift, day)
                    if starts <= moment < ends:
                        running.append((starts, number))
        return self._in_order(running)

    def timetable(self, low: datetime, high: datetime) -> "Timetable":
        """Who is on duty from low to high, prepared to be searched."""
        low, high = low.astimezone(UTC), high.astimezone(UTC)
        spans = list(self._spans(low, high))
        overrides = [each for each in self.overrides if each.starts_at < high and each.ends_at > low]
        edges = {low, high}
        edges |= {edge for starts, ends, _number in spans for edge in (starts, ends)}
        edges |= {edge for each in overrides for edge in (each.starts_at, each.ends_at)}
        inside = sorted(edge.astimezone(UTC) for edge in edges if low <= edge <= high)
        return Timetable(_joined(self._sweep(inside, spans, overrides)))

    def _sweep(
        self, edges: Sequence[datetime], spans: Sequence[tuple[datetime, datetime, int]], overrides: Sequence[Override]
    ) -> Iterator[Duty]:
        """Between two neighbouring edges nothing changes; each span is entered once and left once."""
        coming, running = sorted(spans), list[tuple[datetime, datetime, int]]()
        position = 0
        for starts, ends in pairwise(edges):
            while position < len(coming) and coming[position][0] <= starts:
                running.append(coming[position])
                position += 1
            running = [span for span in running if span[1] > starts]
            instead = next((each for each in reversed(overrides) if each.starts_at <= starts < each.ends_at), None)
            if instead is not None:
                yield Duty(starts, ends, (instead.person,), is_override=True)
            else:
                yield Duty(starts, ends, self._in_order([(span[0], span[2]) for span in running]))

    def _spans(self, low: datetime, high: datetime) -> Iterator[tuple[datetime, datetime, int]]:
        first, last = (low - _REACH).date(), (high + _REACH).date()
        for number, shift in enumerate(self.shifts):
            for day in shift.days(first, last):
                starts, ends = self._span(shift, day)
                if starts < ends and ends > low and starts < high:
                    yield starts, ends, number

    def spans_around(self, shift: Shift, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """When a shift is worked that begins within a day or two of a moment."""
        today = moment.astimezone(self.zone).date()
        for day in shift.days(today - 2 * _DAY, today + _DAY):
            yield self._span(shift, day)

    def _span(self, shift: Shift, day: date) -> tuple[datetime, datetime]:
        starts = self._instant(day, shift.starts_minute)
        end_day = day if shift.ends_minute > shift.starts_minute else day + _DAY
        return starts, self._instant(end_day, shift.ends_minute)

    def _instant(self, day: date, minute: int) -> datetime:
        """The first of two equal local times; for one that the clock skips, as if it had not been set forward."""
        local = datetime.combine(day, time(0), self.zone) + timedelta(minutes=minute)
        return local.astimezone(UTC)

    def _in_order(self, running: Iterable[tuple[datetime, int]]) -> tuple[int, ...]:
        """Who began last is first; somebody with two shifts at once is named once."""
        latest = sorted(running, key=lambda each: (-each[0].timestamp(), each[1]))
        return tuple(dict.fromkeys(self.shifts[number].person for _starts, number in latest))


class Timetable:
    """Duties without a gap between them, from first to last; found by bisection."""

    def __init__(self, duties: Iterable[Duty]) -> None:
        self.duties = tuple(duties)
        self._starts = [duty.starts_at for duty in self.duties]

    def duty_at(self, moment: datetime) -> Duty | None:
        """The duty that runs at a moment; None outside the timetable."""
        index = bisect_right(self._starts, moment) - 1
        if index < 0 or moment >= self.duties[index].ends_at:
            return None
        return self.duties[index]

    def on_duty(self, moment: datetime) -> tuple[int, ...]:
        """Who is on duty; nobody outside the timetable."""
        duty = self.duty_at(moment)
        return duty.people if duty else ()

    def between(self, start: datetime, end: datetime) -> Iterator[Duty]:
        """The duties between two moments, the first and the last cut off there."""
        for duty in self.duties[max(bisect_right(self._starts, start) - 1, 0) :]:
            if duty.starts_at >= end:
                return
            if duty.ends_at > start:
                yield replace(duty, starts_at=max(duty.starts_at, start), ends_at=min(duty.ends_at, end))

    def gaps(self) -> list[Duty]:
        """When nobody is on duty."""
        return [duty for duty in self.duties if not duty.people]

    def overlaps(self) -> list[Duty]:
        """When several are."""
        return [duty for duty in self.duties if len(duty.people) > 1]

    def handovers(self) -> list[Duty]:
        """The duties at whose beginning somebody else takes over from somebody."""
        return [after for before, after in pairwise(self.duties) if before.people and after.people]


def _joined(duties: Iterable[Duty]) -> Iterator[Duty]:
    """Neighbours that are the same but for their times become one."""
    last: Duty | None = None
    for duty in duties:
        if last is not None and (last.people, last.is_override) == (duty.people, duty.is_override):
            last = Duty(last.starts_at, duty.ends_at, last.people, last.is_override)
            continue
        if last is not None:
            yield last
        last = duty
    if last is not None:
        yield last
