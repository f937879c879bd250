"""Working time against a slow reading of the same rules, on calendars near changes of the clock."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from answering.lib.worktime import WEEKDAYS, WorkCalendar

DAY = timedelta(days=1)
OFFICE = [["09:00", "17:00"]]
MICROSECOND = timedelta(microseconds=1)
# Zones with the days around which their clocks change: by an hour, half an hour, at midnight, by night.
CHANGES = [
    ("Europe/Riga", date(2026, 3, 29)),
    ("Europe/Vilnius", date(2026, 10, 25)),
    ("Europe/Athens", date(2025, 3, 30)),
    ("America/Sao_Paulo", date(2017, 10, 15)),
    ("America/Sao_Paulo", date(2018, 2, 18)),
    ("Asia/Tehran", date(2016, 3, 21)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("UTC", date(2024, 2, 29)),
]
Pauses = list[tuple[datetime, datetime | None]]


# The rules again, by hand and slowly.


def slow_instant(day: date, text: str, zone: ZoneInfo) -> datetime:
    naive = datetime(day.year, day.month, day.day, tzinfo=UTC)
    naive += timedelta(hours=int(text[:2]), minutes=int(text[3:]))
    offsets = [(naive + days).astimezone(zone).utcoffset() or timedelta(0) for days in (-DAY, DAY)]
    real = [naive - offset for offset in offsets]
    existing = [moment for moment in real if moment.astimezone(zone).replace(tzinfo=UTC) == naive]
    return min(existing, default=real[0])


def slow_hours(data: dict[str, Any], day: date) -> list[list[str]]:
    if day.isoformat() in data["dates"]:
        return list(data["dates"][day.isoformat()])
    if day.isoformat() in data["holidays"] or day.strftime("%m-%d") in data["holidays_yearly"]:
        return []
    return list(data["weekly_hours"].get(WEEKDAYS[day.weekday()], []))


def slow_intervals(data: dict[str, Any], first: date, last: date) -> Iterator[tuple[datetime, datetime]]:
    zone = ZoneInfo(data["timezone"])
    for n in range((last - first).days + 1):
        day = first + n * DAY
        for start, end in slow_hours(data, day):
            end_day = day if start < end else day + DAY
            yield slow_instant(day, start, zone), slow_instant(end_day, end, zone)


def slow_stretches(data: dict[str, Any], start: datetime, end: datetime, pauses: Pauses) -> Iterator[timedelta]:
    """Give, one after the other, stretches from start to end with the sign of what they are: work or not."""
    intervals = list(slow_intervals(data, start.date() - 3 * DAY, end.date() + 3 * DAY))
    stops = [(stop, resume or end) for stop, resume in pauses]
    edges = {start, end} | {edge for pair in intervals + stops for edge in pair if start < edge < end}
    for low, high in pairwise(sorted(edges)):
        works = any(opening <= low < closing for opening, closing in intervals)
        paused = any(stop <= low < resume for stop, resume in stops)
        yield high - low if works and not paused else low - high


def slow_between(data: dict[str, Any], start: datetime, end: datetime, pauses: Pauses) -> timedelta:
    return sum(
        (stretch for stretch in slow_stretches(data, start, end, pauses) if stretch > timedelta(0)), timedelta(0)
    )


def slow_add(data: dict[str, Any], start: datetime, duration: timedelta, pauses: Pauses) -> datetime:
    moment, left, days = start, duration, 30
    while left:
        for stretch in slow_stretches(data, moment, moment + days * DAY, pauses):
            if stretch >= left:
                return moment + left
            left -= max(stretch, timedelta(0))
            moment += abs(stretch)
    return moment


# Calendars, moments and pauses near a change of the clock.


def half_hour(number: int) -> str:
    return f"{number // 2:02}:{number % 2 * 30:02}"


def as_hours(marks: list[int], night: float | None) -> list[list[str]]:
    """Pair the marks; the last interval may run up to that share of the next day before its own start."""
    pairs = [[half_hour(start), half_hour(end)] for start, end in zip(marks[::2], marks[1::2], strict=False)]
    if pairs and night is not None:
        pairs[-1][1] = half_hour(round(marks[2 * len(pairs) - 2] * night))
    return pairs


def hours(min_size: int = 0) -> st.SearchStrategy[list[list[str]]]:
    marks = st.sets(st.integers(0, 48) | st.integers(0, 9), min_size=2 * min_size, max_size=6).map(sorted)
    return st.builds(as_hours, marks, st.none() | st.sampled_from([0, 0.25, 0.5, 1]))


@st.composite
def calendars(draw: st.DrawFn) -> tuple[dict[str, Any], date]:
    zone, change = draw(st.sampled_from(CHANGES))
    near = st.integers(-6, 6).map(lambda n: change + n * DAY)
    weekly = draw(st.dictionaries(st.sampled_from(WEEKDAYS), hours()))
    weekly[WEEKDAYS[change.weekday()]] = draw(hours(min_size=1))
    return {
        "timezone": zone,
        "weekly_hours": weekly,
        "dates": draw(st.dictionaries(near.map(date.isoformat), hours(), max_size=3)),
        "holidays": draw(st.lists(near.map(date.isoformat), max_size=3)),
        "holidays_yearly": draw(st.lists(near.map(lambda day: day.strftime("%m-%d")), max_size=2)),
    }, change


@st.composite
def questions(draw: st.DrawFn) -> tuple[dict[str, Any], datetime, Pauses]:
    data, change = draw(calendars())
    midnight = datetime(change.year, change.month, change.day, tzinfo=UTC)
    seconds = st.one_of(st.integers(-5 * 86400, 5 * 86400), st.integers(-240, 240).map(lambda n: n * 1800))
    moments = st.builds(
        lambda s, us: midnight + timedelta(seconds=s, microseconds=us), seconds, st.sampled_from([0, 1])
    )
    pauses = [
        (min(one, other), max(one, other)) for one, other in draw(st.lists(st.tuples(moments, moments), max_size=4))
    ]
    return data, draw(moments), list(pauses)


durations = st.one_of(
    st.integers(0, 40).map(lambda n: n * timedelta(minutes=30)),
    st.timedeltas(timedelta(0), timedelta(hours=20)),
)
thorough = settings(max_examples=80, deadline=None)


@thorough
@given(questions(), durations)
def test_a_deadline_is_where_counting_slowly_puts_it(
    question: tuple[dict[str, Any], datetime, Pauses], duration: timedelta
) -> None:
    data, start, pauses = question
    calendar = WorkCalendar.from_dict(data)
    to_pauses = [slow_between(data, start, stop, pauses) for stop, _ in pauses]

    for length in (duration, *to_pauses):
        assert calendar.add(start, length, pauses) == slow_add(data, start, length, pauses)


@thorough
@given(questions(), st.timedeltas(timedelta(0), 12 * DAY), st.booleans())
def test_elapsed_time_is_what_counting_slowly_gives(
    question: tuple[dict[str, Any], datetime, Pauses], length: timedelta, is_paused: bool
) -> None:
    data, start, pauses = question
    if is_paused:
        pauses.append((start + length / 2, None))

    elapsed = WorkCalendar.from_dict(data).between(start, start + length, pauses)

    assert elapsed == slow_between(data, start, start + length, pauses)


@thorough
@given(questions())
def test_a_moment_is_open_when_an_interval_of_some_day_holds_it(
    question: tuple[dict[str, Any], datetime, Pauses],
) -> None:
    data, moment, _ = question
    calendar = WorkCalendar.from_dict(data)
    intervals = list(slow_intervals(data, moment.date() - 2 * DAY, moment.date() + 2 * DAY))
    edges = {edge for pair in intervals for edge in pair}

    for instant in (moment, *(edge for edge in edges if abs(edge - moment) < DAY / 2)):
        assert calendar.is_open(instant) == any(start <= instant < end for start, end in intervals)


@thorough
@given(questions(), durations)
def test_a_deadline_is_the_earliest_moment_by_which_the_time_has_passed(
    question: tuple[dict[str, Any], datetime, Pauses], duration: timedelta
) -> None:
    data, start, pauses = question
    calendar = WorkCalendar.from_dict(data)

    deadline = calendar.add(start, duration, pauses)

    assert calendar.between(start, deadline, pauses) == duration
    assert not duration or calendar.between(start, deadline - MICROSECOND, pauses) == duration - MICROSECOND


@thorough
@given(questions(), durations, durations)
def test_time_can_be_added_in_parts(
    question: tuple[dict[str, Any], datetime, Pauses], first: timedelta, second: timedelta
) -> None:
    data, start, _ = question
    calendar = WorkCalendar.from_dict(data)

    assert calendar.add(calendar.add(start, first), second) == calendar.add(start, first + second)


@thorough
@given(questions(), durations, st.integers(0, 3))
def test_the_order_and_overlap_of_pauses_do_not_matter(
    question: tuple[dict[str, Any], datetime, Pauses], duration: timedelta, cut: int
) -> None:
    data, start, pauses = question
    assume(pauses)
    calendar = WorkCalendar.from_dict(data)
    stop, resume = pauses[0]
    assert resume is not None
    middle = stop + (resume - stop) * cut / 3
    cut_up = [*reversed(pauses), (stop, middle), (middle, resume)]

    assert calendar.add(start, duration, cut_up) == calendar.add(start, duration, pauses)


@settings(max_examples=12, deadline=None)
@given(calendars(), st.lists(st.integers(-3000, 3000), min_size=2, max_size=6))
@example(({"timezone": "UTC", "weekly_hours": {"mon": [["00:00", "24:00"]]}}, date(2026, 1, 1)), [900, -900, 0, 2500])
def test_what_was_asked_before_does_not_change_an_answer(
    calendar: tuple[dict[str, Any], date], days: list[int]
) -> None:
    data, change = calendar
    asked = WorkCalendar.from_dict(data)
    midnight = datetime(change.year, change.month, change.day, tzinfo=UTC)

    for n in days:
        start = midnight + n * DAY
        fresh = WorkCalendar.from_dict(data)
        assert asked.add(start, timedelta(hours=5)) == fresh.add(start, timedelta(hours=5))
        assert asked.next_opening(start) == fresh.next_opening(start)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.integers(-500, 500), st.integers(0, 500)), min_size=1, max_size=3))
@example([(0, 1), (0, 53)])
@example([(0, 1), (-20, 0), (60, 1)])
def test_a_deadline_years_away_is_as_right_as_one_tomorrow(questions: list[tuple[int, int]]) -> None:
    calendar = WorkCalendar.from_dict({"timezone": "UTC", "weekly_hours": dict.fromkeys(WEEKDAYS[:5], OFFICE)})
    monday = datetime(2026, 6, 1, 12, 30, tzinfo=UTC)

    for away, weeks in questions:
        start = monday + away * 7 * DAY
        assert calendar.between(start, start + weeks * 7 * DAY) == weeks * timedelta(hours=40)
        assert calendar.add(start, weeks * timedelta(hours=40)) == start + weeks * 7 * DAY


def test_threads_that_ask_at_once_get_the_answers_they_would_get_alone() -> None:
    data = {"timezone": "Europe/Athens", "weekly_hours": dict.fromkeys(WEEKDAYS, OFFICE)}
    shared = WorkCalendar.from_dict(data)
    starts = [datetime(2026, 1, 1, tzinfo=UTC) + n * 400 * DAY for n in (0, 9, -9, 3, -3, 20, -20, 1)] * 4

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda start: shared.add(start, timedelta(hours=8)), starts))

    alone = WorkCalendar.from_dict(data)
    assert answers == [alone.add(start, timedelta(hours=8)) for start in starts]
