from datetime import UTC, date, datetime

import pytest

from clients.models import Calendar, CalendarDay, CalendarDayInterval
from tests.cast import make_calendar

SUNDAY_NOON = datetime(2026, 11, 22, 10, tzinfo=UTC)
CHRISTMAS_NOON = datetime(2026, 12, 25, 10, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def is_open(calendar: Calendar, moment: datetime) -> bool:
    return Calendar.objects.get(pk=calendar.pk).work_calendar().is_open(moment)


def test_changed_hours_count_at_once_whoever_changes_them() -> None:
    calendar = make_calendar(always=True)
    assert is_open(calendar, SUNDAY_NOON)
    calendar.intervals.filter(weekday=6).delete()
    assert not is_open(calendar, SUNDAY_NOON)
    day = CalendarDay.objects.create(calendar=calendar, date=date(2026, 11, 22))
    CalendarDayInterval.objects.bulk_create([CalendarDayInterval(day=day, opens_minute=600, closes_minute=900)])
    assert is_open(calendar, SUNDAY_NOON)
    day.intervals.all().delete()
    assert not is_open(calendar, SUNDAY_NOON)


def test_choosing_a_countrys_holidays_closes_them_at_once() -> None:
    calendar = make_calendar(always=True)
    assert is_open(calendar, CHRISTMAS_NOON)
    calendar.holiday_country = "LV"
    calendar.save()
    assert not is_open(calendar, CHRISTMAS_NOON)
