"""One deadline by prepared intervals, by businesstimedelta, and by walking from day to day.

The calendar is what the demo's office has: a lunch break and the country's public holidays.
"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytz  # the library takes no other zones
from businesstimedelta import BusinessTimeDelta, HolidayRule, Rules, WorkDayRule
from holidays import country_holidays

from answering.lib.worktime import WEEKDAYS, WorkCalendar
from bench.figures import medians, micros, show

ZONE = ZoneInfo("Europe/Riga")
START = datetime(2026, 3, 27, 15, 20, 5, tzinfo=UTC)
LENGTHS = {"8 h": timedelta(hours=8), "30 days of 8 h": timedelta(hours=240)}
HOURS = [(time(9), time(12)), (time(13), time(18))]
HOLIDAYS = country_holidays("LV", years=(2026, 2027))
GOAL = 50


def run() -> list[tuple[str, str]]:
    hours = [[f"{opening:%H:%M}", f"{closing:%H:%M}"] for opening, closing in HOURS]
    calendar = WorkCalendar.from_dict(
        {
            "timezone": ZONE.key,
            "weekly_hours": dict.fromkeys(WEEKDAYS[:5], hours),
            "holidays": [day.isoformat() for day in HOLIDAYS],
        }
    )
    zone = pytz.timezone(ZONE.key)
    days = [WorkDayRule(opening, closing, working_days=[0, 1, 2, 3, 4], tz=zone) for opening, closing in HOURS]
    rules = Rules([*days, HolidayRule(HOLIDAYS, tz=zone)])
    figures = []
    for name, length in LENGTHS.items():
        other = BusinessTimeDelta(rules, timedelta=length)
        answers = {calendar.add(START, length), START + other, walk(START, length)}
        assert len(answers) == 1, f"The rivals disagree: {answers}"
        figures += compare(name, calendar, length, other)
    return figures


def compare(name: str, calendar: WorkCalendar, length: timedelta, other: BusinessTimeDelta) -> list[tuple[str, str]]:
    taken = medians(
        {
            "ours": (lambda: calendar.add(START, length), 5000),
            "walk": (lambda: walk(START, length), 500),
            "library": (lambda: START + other, 20),
        }
    )
    return [
        (f"deadline {name}: prepared intervals", micros(taken["ours"])),
        (f"deadline {name}: walk over the days", micros(taken["walk"])),
        (f"deadline {name}: businesstimedelta", micros(taken["library"])),
        (
            f"deadline {name}: times faster than businesstimedelta (goal {GOAL})",
            f"{taken['library'] / taken['ours']:.0f}",
        ),
    ]


def walk(start: datetime, left: timedelta) -> datetime:
    """Do what one writes first: look at each day in turn, without nights and overlaps."""
    day = start.astimezone(ZONE).date()
    while True:
        for opens, closes in HOURS if day.weekday() < 5 and day not in HOLIDAYS else ():
            opening = max(start, datetime.combine(day, opens, ZONE).astimezone(UTC))
            closing = datetime.combine(day, closes, ZONE).astimezone(UTC)
            if closing - opening >= left:
                return opening + left
            left -= max(closing - opening, timedelta(0))
        day += timedelta(days=1)


if __name__ == "__main__":
    show(run())
