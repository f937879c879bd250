"""A month as the engine sees it: when a calendar is open on each day, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from answering.lib import clock
from answering.lib.worktime import WorkTimeError
from clients.holiday_dates import holidays_between
from clients.hours import open_stretches
from clients.models import Calendar

FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True, slots=True)
class Day:
    """`hours` are "9:00–13:00" in the calendar's zone; `why` names what sets the day apart, else it is empty."""

    date: date
    in_month: bool
    is_today: bool
    hours: Sequence[str]
    why: str
    is_exception: bool


@dataclass(frozen=True, slots=True)
class Month:
    """Whole weeks from Monday to Sunday."""

    first: date
    weeks: Sequence[Sequence[Day]]
    has_hours: bool

    @property
    def previous(self) -> str:
        return f"{self.first - timedelta(days=1):%Y-%m}"

    @property
    def following(self) -> str:
        return f"{self.first + timedelta(days=31):%Y-%m}"


def read_month(text: str, zone: str) -> date:
    """The first of the month "2026-12"; of the present one in the zone for anything else."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        first = clock.now().astimezone(ZoneInfo(zone)).date().replace(day=1)
    return first.replace(year=min(max(first.year, FIRST_YEAR), LAST_YEAR))


def month_of(calendar: Calendar, first: date) -> Month:
    """The month that begins on this day, each of its days asked of the engine; two queries, three at first."""
    start = first - timedelta(days=first.weekday())
    days = [start + timedelta(days=number) for number in range(42)]
    if days[35].month != first.month:
        days = days[:35]
    exceptions = {row.date: row.note for row in calendar.days.filter(date__range=(days[0], days[-1]))}
    language = (get_language() or "en").split("-")[0]
    holidays = holidays_between(calendar.holiday_country, days[0], days[-1], language)
    has_hours = True
    try:
        hours = hours_by_day(calendar, days)
    except WorkTimeError:
        hours, has_hours = {}, False
    today = clock.now().astimezone(ZoneInfo(calendar.time_zone)).date()
    free = [holiday for holiday in holidays if holiday.name not in calendar.worked_holidays]
    shown = [
        Day(
            date=day,
            in_month=day.month == first.month,
            is_today=day == today,
            hours=hours.get(day, ()),
            why=_why(day, exceptions, [holiday.label for holiday in free if holiday.day == day]),
            is_exception=day in exceptions,
        )
        for day in days
    ]
    return Month(first, [shown[week : week + 7] for week in range(0, len(shown), 7)], has_hours)


def hours_by_day(calendar: Calendar, days: Sequence[date]) -> dict[date, list[str]]:
    """What is open on each day, midnight to midnight. Raises WorkTimeError for a calendar without hours."""
    zone, engine = ZoneInfo(calendar.time_zone), calendar.work_calendar()
    found = {}
    for day in days:
        midnight, next_midnight = (
            datetime.combine(each, time.min, tzinfo=zone).astimezone(ZoneInfo("UTC"))
            for each in (day, day + timedelta(days=1))
        )
        found[day] = [
            f"{opening.astimezone(zone):%H:%M}–{_end(closing, next_midnight, zone)}"
            for opening, closing in open_stretches(engine, midnight, next_midnight)
        ]
    return found


def _end(closing: datetime, midnight: datetime, zone: ZoneInfo) -> str:
    return "24:00" if closing == midnight else f"{closing.astimezone(zone):%H:%M}"


def _why(day: date, exceptions: dict[date, str], holidays: list[str]) -> str:
    if day in exceptions:
        return exceptions[day] or _("Exception")
    return "; ".join(holidays)
