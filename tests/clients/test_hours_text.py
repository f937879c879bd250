import pytest

from clients.errors import HoursEmpty, HoursInvalid, HoursOverlap, HoursUnreadable
from clients.hours_text import check_week, hours_text, read_hours_text

READ = [
    ("9-17", [(540, 1020)]),
    (" 14:00–18:30 ; 9.00 - 13 ", [(540, 780), (840, 1110)]),
    ("0:00-24:00", [(0, 1440)]),
    ("22:00-6:00", [(1320, 360)]),
    ("18:00-0:00", [(1080, 1440)]),
    ("9-12,12-17", [(540, 720), (720, 1020)]),
    ("", []),
    (" , ;", []),
]


@pytest.mark.parametrize(("text", "hours"), READ)
def test_hours_are_read_as_people_write_them(text: str, hours: list[tuple[int, int]]) -> None:
    assert read_hours_text(text) == hours
    assert read_hours_text(hours_text(hours)) == hours


REFUSED = [
    ("9-9", HoursEmpty),
    ("0-0", HoursEmpty),
    ("9-13, 12-15", HoursOverlap),
    ("9-13, 9-15", HoursOverlap),
    ("20-10, 23-23:30", HoursOverlap),
    ("24:00-6:00", HoursUnreadable),
    ("9:60-10", HoursUnreadable),
    ("9-25", HoursUnreadable),
    ("9-24:30", HoursUnreadable),
    ("nine to five", HoursUnreadable),
    ("-9-10", HoursUnreadable),
    ("٩-١٧", HoursUnreadable),
    ("9-10," * 13, HoursUnreadable),
]


@pytest.mark.parametrize(("text", "error"), REFUSED)
def test_hours_that_cannot_be_are_refused(text: str, error: type[HoursInvalid]) -> None:
    with pytest.raises(HoursInvalid) as caught:
        read_hours_text(text)
    assert caught.type is error


def test_a_night_must_not_run_into_the_hours_of_the_next_day() -> None:
    week = [read_hours_text(text) for text in ("20-6", "6-12", "", "", "", "", "22-7")]
    check_week(week)
    week[0] = read_hours_text("6:30-12")
    with pytest.raises(HoursOverlap) as caught:
        check_week(week)
    assert caught.value.weekday == 6
