"""Each rule of working time, as a sentence."""

import copy
import pickle
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from answering.lib.worktime import (
    CalendarEmpty,
    CalendarInvalid,
    ClockStopped,
    DurationInvalid,
    MomentInvalid,
    WorkCalendar,
    WorkTimeError,
)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
OFFICE = [["09:00", "17:00"]]
NIGHT = [["22:00", "06:00"]]
WHOLE_DAY = [["00:00", "24:00"]]
HOUR = timedelta(hours=1)


def calendar(zone: str = "UTC", weekly: dict[str, Any] | None = None, **more: Any) -> WorkCalendar:
    hours = dict.fromkeys(WEEKDAYS, OFFICE) if weekly is None else weekly
    return WorkCalendar.from_dict({"timezone": zone, "weekly_hours": hours} | more)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


# 2026-06-01 is a Monday.


def test_a_date_replaces_the_hours_of_its_day() -> None:
    special = calendar(dates={"2026-06-02": [["12:00", "13:00"]], "2026-06-03": []})

    assert special.between(utc("2026-06-02"), utc("2026-06-03")) == HOUR
    assert special.between(utc("2026-06-03"), utc("2026-06-04")) == timedelta(0)


def test_a_date_beats_holidays_of_both_kinds() -> None:
    special = calendar(
        dates={"2026-06-02": [["12:00", "13:00"]]}, holidays=["2026-06-02", "2026-06-03"], holidays_yearly=["06-02"]
    )

    assert special.between(utc("2026-06-02"), utc("2026-06-04")) == HOUR


def test_a_holiday_empties_its_day_and_a_yearly_one_every_year() -> None:
    special = calendar(holidays=["2026-06-02"], holidays_yearly=["06-03", "02-29"])

    assert special.add(utc("2026-06-01T16:00"), 2 * HOUR) == utc("2026-06-04T10:00")
    assert special.between(utc("2027-06-03"), utc("2027-06-04")) == timedelta(0)
    assert special.between(utc("2027-06-02"), utc("2027-06-03")) == 8 * HOUR
    assert special.between(utc("2028-02-29"), utc("2028-03-01")) == timedelta(0)


def test_a_night_interval_belongs_to_its_start_day_and_the_next_days_holiday_does_not_cut_it() -> None:
    night = calendar(weekly={"mon": [["22:00", "06:00"]], "tue": [["22:00", "06:00"]]}, holidays=["2026-06-02"])

    assert night.between(utc("2026-06-01"), utc("2026-06-04")) == 8 * HOUR
    assert night.is_open(utc("2026-06-02T05:59"))
    assert not night.is_open(utc("2026-06-02T22:30"))


def test_a_date_that_replaces_the_next_day_does_not_cut_a_night_interval_either() -> None:
    night = calendar(weekly={"mon": [["22:00", "06:00"]]}, dates={"2026-06-02": []})

    assert night.add(utc("2026-06-01T22:00"), 8 * HOUR) == utc("2026-06-02T06:00")


def test_a_holiday_removes_its_night_interval_from_the_next_day() -> None:
    night = calendar(weekly=dict.fromkeys(WEEKDAYS, NIGHT), holidays=["2026-06-01"])

    assert not night.is_open(utc("2026-06-02T03:00"))


def test_where_a_night_interval_runs_into_the_next_days_hours_time_counts_once() -> None:
    overlapping = calendar(weekly={"mon": [["20:00", "10:00"]], "tue": OFFICE})

    assert overlapping.between(utc("2026-06-01T20:00"), utc("2026-06-02T17:00")) == 21 * HOUR
    assert overlapping.add(utc("2026-06-01T20:00"), 14 * HOUR) == utc("2026-06-02T10:00")


def test_24_00_is_the_end_of_the_day_and_equal_times_are_a_whole_day() -> None:
    whole = calendar(weekly={"mon": [["00:00", "24:00"]], "wed": [["00:00", "00:00"]], "fri": [["09:00", "09:00"]]})

    assert whole.between(utc("2026-06-01"), utc("2026-06-03")) == 24 * HOUR
    assert whole.between(utc("2026-06-03"), utc("2026-06-05")) == 24 * HOUR
    assert whole.between(utc("2026-06-05T09:00"), utc("2026-06-06T09:00")) == 24 * HOUR


def test_time_counts_in_real_seconds_when_the_clock_goes_forward_and_back() -> None:
    riga = calendar("Europe/Riga", {"sat": [["22:00", "06:00"]]})

    assert riga.between(utc("2026-03-28T12:00"), utc("2026-03-29T12:00")) == 7 * HOUR
    assert riga.between(utc("2026-10-24T12:00"), utc("2026-10-25T12:00")) == 9 * HOUR


def test_a_skipped_local_time_takes_the_offset_before_the_change() -> None:
    # In Riga 03:00 to 04:00 is missing on 2026-03-29: 03:30 at the old +02:00 is 01:30 UTC.
    opening = calendar("Europe/Riga", {"sun": [["03:30", "08:00"]]})
    closing = calendar("Europe/Riga", {"sun": [["02:00", "03:30"]]})
    nothing = calendar("Europe/Riga", {"sun": [["03:30", "04:15"]]})

    assert opening.next_opening(utc("2026-03-28T12:00")) == utc("2026-03-29T01:30")
    assert closing.close_of_working_day(utc("2026-03-29T00:10")) == utc("2026-03-29T01:30")
    assert nothing.between(utc("2026-03-28T12:00"), utc("2026-03-29T12:00")) == timedelta(0)


def test_hours_that_a_skipped_time_makes_overlap_count_once() -> None:
    split = calendar("Europe/Riga", {"sun": [["02:00", "03:30"], ["04:00", "05:00"]]})

    assert split.between(utc("2026-03-28T12:00"), utc("2026-03-29T12:00")) == 2 * HOUR


def test_a_repeated_local_time_means_its_first_occurrence() -> None:
    # In Riga 03:00 to 04:00 comes twice on 2026-10-25, first at +03:00.
    riga = calendar("Europe/Riga", {"sun": [["03:30", "08:00"]]})

    assert riga.next_opening(utc("2026-10-24T12:00")) == utc("2026-10-25T00:30")


def test_hours_are_of_the_calendars_zone_whatever_zone_the_moment_comes_in() -> None:
    athens = calendar("Europe/Athens")
    start = datetime(2026, 6, 1, 23, 0, tzinfo=timezone(timedelta(hours=14)))  # 12:00 in Athens

    deadline = athens.add(start, 8 * HOUR)

    assert deadline == local("2026-06-02T12:00", "Europe/Athens")
    assert deadline.tzinfo is UTC


def test_a_deadline_exactly_at_closing_stays_there() -> None:
    assert calendar().add(utc("2026-06-05T09:00"), 8 * HOUR) == utc("2026-06-05T17:00")


def test_one_more_microsecond_moves_it_to_the_next_opening() -> None:
    later = calendar().add(utc("2026-06-05T09:00"), 8 * HOUR + timedelta(microseconds=1))

    assert later == utc("2026-06-08T09:00:00.000001")


def test_seconds_and_microseconds_are_kept() -> None:
    assert calendar().add(utc("2026-06-01T10:00:05.123456"), 8 * HOUR) == utc("2026-06-02T10:00:05.123456")


def test_no_time_at_all_leaves_the_start_as_it_is_even_outside_hours() -> None:
    saturday = utc("2026-06-06T12:00")

    assert calendar().add(saturday, timedelta(0)) == saturday
    assert calendar().add(saturday, timedelta(0), [(saturday, None)]) == saturday


def test_pauses_may_overlap_repeat_and_be_empty() -> None:
    noon, one = utc("2026-06-01T12:00"), utc("2026-06-01T13:00")
    pauses = [(noon, one), (noon + HOUR / 2, one + HOUR / 2), (noon, one), (one, one)]

    assert calendar().add(utc("2026-06-01T09:00"), 4 * HOUR, iter(pauses)) == utc("2026-06-01T14:30")
    assert calendar().between(utc("2026-06-01T09:00"), utc("2026-06-01T17:00"), iter(pauses)) == 6.5 * HOUR


def test_a_pause_before_the_start_or_outside_hours_changes_nothing() -> None:
    before = (utc("2026-05-01"), utc("2026-06-01T09:00"))
    evening = (utc("2026-06-01T17:00"), utc("2026-06-02T09:00"))

    assert calendar().add(utc("2026-06-01T10:00"), 8 * HOUR, [before, evening]) == utc("2026-06-02T10:00")


def test_a_deadline_exactly_at_the_start_of_a_pause_stays_there_even_if_the_pause_is_open() -> None:
    noon = utc("2026-06-01T12:00")

    assert calendar().add(utc("2026-06-01T09:00"), 3 * HOUR, [(noon, None)]) == noon


def test_a_pause_may_last_for_years() -> None:
    years = (utc("2026-06-01T10:00"), utc("2031-06-02T10:00"))

    assert calendar().add(utc("2026-06-01T09:00"), 2 * HOUR, [years]) == utc("2031-06-02T11:00")


def test_a_pause_that_opens_after_the_deadline_does_not_matter() -> None:
    monday = utc("2026-06-01T12:00")

    for weeks in (0, 1, 150):
        due = calendar().add(monday, weeks * 40 * HOUR + HOUR, [(utc("2036-06-01"), None)])
        assert due == monday + weeks * timedelta(weeks=1) + HOUR


def test_an_open_pause_stops_the_clock_and_there_is_no_deadline() -> None:
    noon = utc("2026-06-01T12:00")

    assert calendar().between(utc("2026-06-01T09:00"), utc("2026-06-09"), [(noon, None)]) == 3 * HOUR
    with pytest.raises(ClockStopped, match="no deadline while a pause is open"):
        calendar().add(utc("2026-06-01T09:00"), 4 * HOUR, [(noon, None)])


def test_nothing_passes_between_a_moment_and_an_earlier_one() -> None:
    assert calendar().between(utc("2026-06-05"), utc("2026-06-01")) == timedelta(0)


def test_the_opening_is_open_and_the_closing_is_not() -> None:
    assert calendar().is_open(utc("2026-06-01T09:00"))
    assert not calendar().is_open(utc("2026-06-01T17:00"))
    assert not calendar().is_open(utc("2026-06-01T08:59:59.999999"))


def test_the_next_opening_is_the_first_at_or_after_the_moment() -> None:
    assert calendar().next_opening(utc("2026-06-01T09:00")) == utc("2026-06-01T09:00")
    assert calendar().next_opening(utc("2026-06-01T09:01")) == utc("2026-06-02T09:00")
    assert calendar().next_opening(utc("2026-06-06T12:00")) == utc("2026-06-08T09:00")


def test_there_is_no_next_opening_where_it_is_always_open_or_never_again() -> None:
    always = calendar(weekly=dict.fromkeys((*WEEKDAYS, "sat", "sun"), WHOLE_DAY))
    once = calendar(weekly={}, dates={"2026-06-01": OFFICE})

    assert always.next_opening(utc("2026-06-01T12:00")) is None
    assert once.next_opening(utc("2026-06-02")) is None
    assert once.next_opening(utc("2020-01-01")) == utc("2026-06-01T09:00")


def test_the_same_working_day_means_its_last_closing() -> None:
    split = calendar(weekly={"mon": [["14:00", "18:00"], ["09:00", "13:00"]]})

    assert split.close_of_working_day(utc("2026-06-01T10:00")) == utc("2026-06-01T18:00")
    assert split.close_of_working_day(utc("2026-06-01T00:00")) == utc("2026-06-01T18:00")


def test_on_a_day_without_working_time_left_it_means_the_next_days_last_closing() -> None:
    assert calendar().close_of_working_day(utc("2026-06-06T12:00")) == utc("2026-06-08T17:00")
    assert calendar().close_of_working_day(utc("2026-06-05T17:00")) == utc("2026-06-08T17:00")
    assert calendar().close_of_working_day(utc("2026-06-05T16:59:59")) == utc("2026-06-05T17:00")


def test_the_small_hours_of_a_night_interval_belong_to_its_start_day() -> None:
    night = calendar(weekly=dict.fromkeys(WEEKDAYS, NIGHT))

    assert night.close_of_working_day(utc("2026-06-02T05:00")) == utc("2026-06-02T06:00")
    assert night.close_of_working_day(utc("2026-06-02T06:00")) == utc("2026-06-03T06:00")


def test_the_working_day_is_the_one_in_the_calendars_zone() -> None:
    # 22:30 UTC on Sunday is Monday in Athens.
    assert calendar("Europe/Athens").close_of_working_day(utc("2026-05-31T22:30")) == utc("2026-06-01T14:00")


def test_a_calendar_without_working_time_within_ten_years_is_an_error() -> None:
    once = calendar(weekly={}, dates={"2026-06-01": OFFICE})

    assert once.add(utc("2016-06-02"), HOUR) == utc("2026-06-01T10:00")
    for start, hours in (("2026-06-02", 1), ("2026-06-01", 9), ("2016-05-01", 1)):
        with pytest.raises(CalendarEmpty, match="within ten years"):
            once.add(utc(start), hours * HOUR)
    with pytest.raises(CalendarEmpty, match="within ten years"):
        once.close_of_working_day(utc("2026-06-02"))


def test_a_calendar_whose_every_day_is_a_holiday_is_an_error_too() -> None:
    every_day = [(date(2000, 1, 1) + timedelta(days=n)).strftime("%m-%d") for n in range(366)]

    with pytest.raises(CalendarEmpty):
        calendar(holidays_yearly=every_day).add(utc("2026-06-01"), HOUR)


@pytest.mark.parametrize("weekly", [{}, {"mon": []}])
def test_a_calendar_without_any_hours_is_refused_at_once(weekly: dict[str, Any]) -> None:
    with pytest.raises(CalendarEmpty, match="no working hours at all"):
        calendar(weekly=weekly, dates={"2026-06-01": []})


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"timezone": "Europe/Atlantis"}, "Unknown time zone: 'Europe/Atlantis'"),
        ({"timezone": "../etc/passwd"}, "Unknown time zone"),
        ({"timezone": "Europe"}, "Unknown time zone"),
        ({"timezone": None}, "Unknown time zone: None"),
        ({"weekly_hours": None}, "weekly_hours: a mapping is needed"),
        ({"weekly_hours": {"monday": OFFICE}}, "Unknown weekdays: monday"),
        ({"weekly_hours": {"mon": "09:00-17:00"}}, "mon: a list is needed"),
        ({"weekly_hours": {"mon": [["09:00"]]}}, r"mon: an interval is \[from, to\]"),
        ({"weekly_hours": {"mon": [[]]}}, "mon: an interval is"),
        ({"weekly_hours": {"mon": [["9:00", "17:00"]]}}, "mon: not a time of day"),
        ({"weekly_hours": {"mon": [["09:00", "24:30"]]}}, "mon: not a time of day"),
        ({"weekly_hours": {"mon": [[9, 17]]}}, "mon: not a time of day"),
        ({"weekly_hours": {"mon": [["24:00", "08:00"]]}}, "24:00 only ends an interval"),
        ({"weekly_hours": {"mon": [["09:00", "13:00"], ["12:00", "17:00"]]}}, "mon: intervals overlap"),
        ({"weekly_hours": {"mon": [["22:00", "06:00"], ["23:00", "23:30"]]}}, "mon: intervals overlap"),
        ({"dates": {"2026-02-29": []}}, "Not a date"),
        ({"dates": {"20260601": []}}, "Not a date"),
        ({"holidays": ["2026-13-01"]}, "Not a date"),
        ({"holidays": "2026-01-01"}, "holidays: a list is needed"),
        ({"holidays_yearly": ["02-30"]}, "Not a date"),
        ({"holidays_yearly": ["2026-02-03"]}, "Not a date"),
        ({"holiday": ["2026-01-01"]}, "Unknown calendar entries: holiday"),
    ],
)
def test_bad_data_is_refused_and_named(entries: dict[str, Any], message: str) -> None:
    data = {"timezone": "UTC", "weekly_hours": {"mon": OFFICE}} | entries

    with pytest.raises(CalendarInvalid, match=message):
        WorkCalendar.from_dict(data)


def test_a_moment_without_a_zone_is_refused_everywhere() -> None:
    naive, aware = datetime(2026, 6, 1, 12), utc("2026-06-01T12:00")  # noqa: DTZ001

    for ask in (
        lambda: calendar().add(naive, HOUR),
        lambda: calendar().between(naive, aware),
        lambda: calendar().between(aware, naive),
        lambda: calendar().add(aware, HOUR, [(naive, None)]),
        lambda: calendar().is_open(naive),
        lambda: calendar().next_opening(naive),
        lambda: calendar().close_of_working_day(naive),
    ):
        with pytest.raises(MomentInvalid, match="Not a moment with a time zone"):
            ask()


def test_negative_time_and_pauses_that_end_before_they_start_are_refused() -> None:
    start = utc("2026-06-01T12:00")

    with pytest.raises(DurationInvalid, match="never negative"):
        calendar().add(start, timedelta(microseconds=-1))
    with pytest.raises(DurationInvalid, match="ends before it starts"):
        calendar().add(start, HOUR, [(start, start - HOUR)])


def test_what_lies_beyond_the_centuries_that_calendars_cover_is_refused() -> None:
    for start, duration in (
        (utc("2026-06-01"), timedelta.max),
        (utc("2199-12-01"), 24 * 30 * HOUR),
        (utc("1899-01-01"), HOUR),
        (datetime.max.replace(tzinfo=UTC), HOUR),
    ):
        with pytest.raises(MomentInvalid):
            calendar().add(start, duration)


def test_every_refusal_is_a_value_error_of_one_family() -> None:
    for error in (CalendarEmpty, CalendarInvalid, ClockStopped, DurationInvalid, MomentInvalid):
        assert issubclass(error, WorkTimeError)
        assert issubclass(error, ValueError)


def test_a_calendar_is_a_value_that_can_be_written_compared_copied_and_not_changed() -> None:
    hours = {"mon": [["22:00", "06:00:30"]], "tue": [["00:00", "24:00"]], "wed": [["09:00", "09:00"]]}
    one = calendar("Europe/Riga", hours, dates={"2026-06-02": []}, holidays=["2026-06-03"], holidays_yearly=["02-29"])
    one.add(utc("2026-06-01"), HOUR)

    assert WorkCalendar.from_dict(one.to_dict()) == one
    assert pickle.loads(pickle.dumps(one)) == copy.deepcopy(one) == one  # noqa: S301
    assert len({one, copy.copy(one)}) == 1
    with pytest.raises(AttributeError):
        one.timezone = "UTC"  # type: ignore[misc]
