from datetime import UTC, datetime, timedelta

import pytest

from answering.lib.worktime import WEEKDAYS, WorkCalendar
from clients.hours import next_closing

SPLIT = {
    "timezone": "Europe/Riga",
    "weekly_hours": {"mon": [["09:00", "13:00"], ["14:00", "18:00"]], "tue": [["09:00", "18:00"]]},
}
ALWAYS = {
    "timezone": "Europe/Riga",
    "weekly_hours": {day: [["00:00", "24:00"]] for day in WEEKDAYS},
}
ENDS = {"timezone": "Europe/Riga", "weekly_hours": {}, "dates": {"2026-11-02": [["09:00", "12:00"]]}}


def riga(hour: int, minute: int = 0) -> datetime:
    """A Monday in November; Riga is two hours ahead of UTC."""
    return datetime(2026, 11, 2, hour - 2, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("data", "moment", "closing"),
    [
        pytest.param(SPLIT, riga(9), riga(13), id="at the opening"),
        pytest.param(SPLIT, riga(12, 59), riga(13), id="before lunch"),
        pytest.param(SPLIT, riga(13), None, id="at the closing"),
        pytest.param(SPLIT, riga(13, 30), None, id="at lunch"),
        pytest.param(SPLIT, riga(15), riga(18), id="after lunch"),
        pytest.param(ALWAYS, riga(15), None, id="around the clock"),
        pytest.param(ENDS, riga(10), riga(12), id="for the last time"),
    ],
)
def test_the_next_closing_is_the_end_of_the_present_hours(
    data: dict[str, object], moment: datetime, closing: datetime | None
) -> None:
    assert next_closing(WorkCalendar.from_dict(data), moment) == closing


def test_a_closing_over_the_weekend_is_found() -> None:
    hours = WorkCalendar.from_dict(
        {"timezone": "UTC", "weekly_hours": {"fri": [["00:00", "24:00"]], "sat": [["00:00", "06:00"]]}}
    )
    friday = datetime(2026, 11, 6, 12, tzinfo=UTC)
    assert next_closing(hours, friday) == friday + timedelta(hours=18)
