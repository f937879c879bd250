"""When somebody works. The arithmetic is `answering.lib.worktime`; these rows are its input."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from answering.lib import clock
from answering.lib.text import search_key, sort_key
from answering.lib.worktime import CalendarEmpty, WorkCalendar
from clients.holiday_dates import public_holidays
from clients.models.revised import Revised
from clients.querysets import CalendarQuerySet


class Weekday(models.IntegerChoices):
    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


WEEKDAY_KEYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def clock_face(minute: int) -> str:
    """HH:MM of a minute of the day; 1440 is 24:00."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


class Calendar(Revised):
    """Weekly hours, public holidays of a country and dated exceptions, in one zone."""

    public_id = models.UUIDField(default=clock.uuid7, unique=True, editable=False)
    name = models.CharField(max_length=120)
    sort_key = models.CharField(max_length=240, editable=False)
    search_key = models.CharField(max_length=240, editable=False)
    time_zone = models.CharField(max_length=64)
    holiday_country = models.CharField(
        max_length=2, blank=True, help_text=_("ISO 3166 country whose public holidays are free; empty for none.")
    )
    worked_holidays = ArrayField(
        models.CharField(max_length=160),
        default=list,
        blank=True,
        help_text=_("Names of public holidays on which the usual hours apply."),
    )
    changed_at = models.DateTimeField(default=clock.now, help_text=_("Set whenever hours or dates change."))

    objects = CalendarQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["sort_key", "id"], name="calendar_by_name")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_key, self.search_key = sort_key(self.name, "")[:240], search_key(self.name)[:240]
        super().save(*args, **kwargs)

    def definition(self) -> dict[str, Any]:
        """This calendar as `WorkCalendar.from_dict` reads it; three queries."""
        return self._defined_by(self.days.prefetch_related("intervals"))

    def _defined_by(self, days: "Iterable[CalendarDay]") -> dict[str, Any]:
        weekly: dict[str, list[list[str]]] = {key: [] for key in WEEKDAY_KEYS}
        for interval in self.intervals.all():
            weekly[WEEKDAY_KEYS[interval.weekday]].append(interval.as_pair())
        return {
            "timezone": self.time_zone,
            "weekly_hours": weekly,
            "dates": {day.date.isoformat(): [i.as_pair() for i in day.intervals.all()] for day in days},
            "holidays": public_holidays(self.holiday_country, self.worked_holidays),
        }

    def work_calendar(self) -> WorkCalendar:
        """The calendar ready for arithmetic; kept until the hours change."""
        key = (self.pk, self.changed_at)
        if key not in _prepared:
            if len(_prepared) > 500:
                _prepared.clear()
            _prepared[key] = WorkCalendar.from_dict(self.definition())
        return _prepared[key]


_prepared: dict[tuple[int, Any], WorkCalendar] = {}


def prepare_calendars(calendars: Iterable[Calendar]) -> None:
    """Make `work_calendar` free for all of these but the empty; at most three queries however many there are."""
    cold = {calendar.pk for calendar in calendars if (calendar.pk, calendar.changed_at) not in _prepared}
    if not cold:
        return
    for calendar in Calendar.objects.filter(pk__in=cold).prefetch_related("intervals", "days__intervals"):
        with suppress(CalendarEmpty):
            prepared = WorkCalendar.from_dict(calendar._defined_by(calendar.days.all()))
            _prepared[calendar.pk, calendar.changed_at] = prepared


class Hours(models.Model):
    """From one minute of the day to another; not after its start means on the next day."""

    opens_minute = models.PositiveSmallIntegerField()
    closes_minute = models.PositiveSmallIntegerField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{clock_face(self.opens_minute)}-{clock_face(self.closes_minute)}"

    def as_pair(self) -> list[str]:
        return [clock_face(self.opens_minute), clock_face(self.closes_minute)]


def _within_a_day(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=name, condition=models.Q(opens_minute__lt=1440, closes_minute__lte=1440, closes_minute__gt=0)
    )


class CalendarInterval(Hours):
    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="intervals")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)

    class Meta:
        ordering = ["weekday", "opens_minute"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "weekday", "opens_minute"], name="calendar_interval_once"),
            _within_a_day("calendar_interval_within_day"),
        ]


class CalendarDay(models.Model):
    """A date with hours of its own, or none."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="days")
    date = models.DateField()
    note = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["date"]
        constraints = [models.UniqueConstraint(fields=["calendar", "date"], name="calendar_day_once")]

    def __str__(self) -> str:
        return f"{self.date} {self.note}"


class CalendarDayInterval(Hours):
    day = models.ForeignKey(CalendarDay, on_delete=models.CASCADE, related_name="intervals")

    class Meta:
        ordering = ["opens_minute"]
        constraints = [
            models.UniqueConstraint(fields=["day", "opens_minute"], name="calendar_day_interval_once"),
            _within_a_day("calendar_day_interval_within_day"),
        ]
