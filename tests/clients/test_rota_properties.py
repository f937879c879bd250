"""The timetable of a rota and a plain look at every shift say the same at every instant."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.rota import Duty, Override, RotaPlan, Shift

ZONES = [ZoneInfo(name) for name in ("Europe/Riga", "Europe/Athens", "Pacific/Apia", "Australia/Lord_Howe", "UTC")]
# Weeks around both changes of the clock in 2026.
LOWS = [datetime(2026, 3, 20, tzinfo=UTC), datetime(2026, 10, 16, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)]
RIGA = ZONES[0]

minutes = st.integers(0, 1439)
days = st.dates(date(2026, 2, 1), date(2026, 11, 30))
shifts = st.builds(
    Shift,
    person=st.integers(1, 4),
    first_day=days,
    starts_minute=minutes,
    ends_minute=st.integers(1, 1440),
    every_weeks=st.integers(1, 4),
    last_day=st.none() | days,
)


@st.composite
def plans(draw: st.DrawFn) -> tuple[RotaPlan, datetime, datetime]:
    low = draw(st.sampled_from(LOWS)) + timedelta(minutes=draw(st.integers(0, 3000)))
    high = low + timedelta(days=draw(st.integers(1, 21)))
    moments = st.integers(-3000, 40_000).map(lambda minute: low + timedelta(minutes=minute))
    overrides = []
    for _ in range(draw(st.integers(0, 3))):
        first, second = sorted(draw(st.tuples(moments, moments)))
        if first < second:
            overrides.append(Override(draw(st.integers(5, 7)), first, second))
    return RotaPlan(draw(st.sampled_from(ZONES)), draw(st.lists(shifts, max_size=6)), overrides), low, high


@settings(max_examples=120, deadline=None)
@given(planned=plans(), chosen=st.lists(st.integers(0, 21 * 86_400), max_size=20))
def test_every_instant_has_the_same_answer_by_the_fast_path_and_by_a_plain_scan(
    planned: tuple[RotaPlan, datetime, datetime], chosen: list[int]
) -> None:
    plan, low, high = planned
    table = plan.timetable(low, high)
    moments = [low + timedelta(seconds=second) for second in chosen]
    for duty in table.duties:  # the instants at which something could go wrong
        moments += [duty.starts_at, duty.ends_at - timedelta(microseconds=1)]
    for moment in moments:
        if low <= moment < high:
            assert table.on_duty(moment) == plan.on_duty(moment), moment


@settings(max_examples=60, deadline=None)
@given(planned=plans())
def test_duties_follow_each_other_without_a_hole_and_gaps_and_overlaps_are_among_them(
    planned: tuple[RotaPlan, datetime, datetime],
) -> None:
    plan, low, high = planned
    table = plan.timetable(low, high)
    assert (table.duties[0].starts_at, table.duties[-1].ends_at) == (low, high)
    for before, after in zip(table.duties, table.duties[1:], strict=False):
        assert before.ends_at == after.starts_at
        assert (before.people, before.is_override) != (after.people, after.is_override)
    assert all(not duty.people for duty in table.gaps())
    assert all(len(duty.people) > 1 and not duty.is_override for duty in table.overlaps())
    assert table.on_duty(high) == ()
    assert table.on_duty(low - timedelta(seconds=1)) == ()


def riga(*when: int) -> datetime:
    return datetime(*when, tzinfo=RIGA)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 28), 11), (date(2026, 10, 24), 13), (date(2026, 11, 7), 12)],
)
def test_a_night_shift_lasts_as_long_as_the_clock_makes_it(day: date, hours: int) -> None:
    plan = RotaPlan(RIGA, [Shift(1, day, 20 * 60, 8 * 60, last_day=day)])
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    (duty,) = [duty for duty in plan.timetable(start, start + timedelta(days=3)).duties if duty.people]
    assert duty.ends_at - duty.starts_at == timedelta(hours=hours)


def test_nothing_is_left_of_a_shift_within_the_hour_that_the_clock_skips() -> None:
    plan = RotaPlan(RIGA, [Shift(1, date(2026, 3, 29), 3 * 60, 4 * 60, last_day=date(2026, 3, 29))])
    low = datetime(2026, 3, 28, tzinfo=UTC)
    assert all(not duty.people for duty in plan.timetable(low, low + timedelta(days=3)).duties)


def test_every_second_week_alternates() -> None:
    monday = date(2026, 11, 2)
    plan = RotaPlan(RIGA, [Shift(1, monday, 540, 1020, 2), Shift(2, monday + timedelta(days=7), 540, 1020, 2)])
    noons = [riga(2026, 11, 2 + 7 * week, 12) for week in range(4)]
    table = plan.timetable(riga(2026, 11, 1), riga(2026, 12, 1))
    assert [table.on_duty(noon) for noon in noons] == [(1,), (2,), (1,), (2,)]


def test_somebody_else_is_on_duty_instead_and_the_newest_word_counts() -> None:
    day = date(2026, 11, 2)
    first = Override(2, riga(2026, 11, 2, 10), riga(2026, 11, 2, 14))
    second = Override(3, riga(2026, 11, 2, 12), riga(2026, 11, 2, 13))
    plan = RotaPlan(RIGA, [Shift(1, day, 540, 1020)], [first, second])
    table = plan.timetable(riga(2026, 11, 2), riga(2026, 11, 3))
    assert [duty.people for duty in table.duties] == [(), (1,), (2,), (3,), (2,), (1,), ()]
    assert len(table.handovers()) == 4


def test_who_began_last_answers_for_both_and_the_overlap_is_listed() -> None:
    plan = RotaPlan(RIGA, [Shift(1, date(2026, 11, 2), 480, 1020), Shift(2, date(2026, 11, 2), 900, 1320)])
    table = plan.timetable(riga(2026, 11, 2), riga(2026, 11, 3))
    starts, ends = riga(2026, 11, 2, 15).astimezone(UTC), riga(2026, 11, 2, 17).astimezone(UTC)
    assert table.overlaps() == [Duty(starts, ends, (2, 1))]
