"""Change the hours of a calendar. Each change counts a revision; the prepared calendars follow by a trigger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from clients.errors import CalendarInUse
from clients.hours_text import Minutes
from clients.models import (
    Calendar,
    CalendarDay,
    CalendarDayInterval,
    CalendarInterval,
    Client,
    Contact,
    Line,
    Provider,
    Rota,
)
from clients.services.revisions import claim_revision, save_revised

USES_SHOWN = 100


@dataclass(frozen=True, slots=True)
class CalendarUses:
    """Who answers, or is on duty, by a calendar; at most USES_SHOWN of each kind."""

    providers: list[Provider]
    clients: list[Client]
    lines: list[Line]
    contacts: list[Contact]
    rotas: list[Rota]

    @property
    def is_used(self) -> bool:
        return any((self.providers, self.clients, self.lines, self.contacts, self.rotas))


def uses_of(calendar: Calendar) -> CalendarUses:
    """Everything that names this calendar, people who have left included; five queries."""
    by_client = ("client__sort_key", "name", "pk")
    lines = Line.objects.filter(calendar=calendar).select_related("client").order_by(*by_client)
    contacts = Contact.objects.filter(calendar=calendar).select_related("client").order_by(*by_client)
    rotas = Rota.objects.filter(calendar=calendar).select_related("client").order_by(*by_client)
    return CalendarUses(
        providers=list(Provider.objects.filter(calendar=calendar)),
        clients=list(Client.objects.filter(calendar=calendar).order_by("sort_key", "pk")[:USES_SHOWN]),
        lines=list(lines[:USES_SHOWN]),
        contacts=list(contacts[:USES_SHOWN]),
        rotas=list(rotas[:USES_SHOWN]),
    )


def delete_calendar(calendar: Calendar, *, seen: int | None) -> None:
    """Delete a calendar that nothing uses. Raises ChangedMeanwhile, CalendarInUse.

    What comes to use it meanwhile waits for this transaction, and finds that it is gone.
    """
    with transaction.atomic():
        claim_revision(calendar, seen=seen)
        Calendar.objects.select_for_update().get(pk=calendar.pk)
        if uses_of(calendar).is_used:
            raise CalendarInUse
        Calendar.objects.filter(pk=calendar.pk).delete()


def save_calendar(calendar: Calendar, *, seen: int | None, week: Sequence[Sequence[Minutes]]) -> None:
    """Save a calendar with its weekly hours, Monday first. Raises ChangedMeanwhile."""
    with transaction.atomic():
        save_revised(calendar, seen=seen)
        calendar.intervals.all().delete()
        CalendarInterval.objects.bulk_create(
            CalendarInterval(calendar=calendar, weekday=day, opens_minute=opens, closes_minute=closes)
            for day, hours in enumerate(week)
            for opens, closes in hours
        )


def set_day(calendar: Calendar, *, seen: int, day: date, hours: Sequence[Minutes], note: str) -> None:
    """Give a date hours of its own, or none; what it had before is replaced. Raises ChangedMeanwhile."""
    with transaction.atomic():
        claim_revision(calendar, seen=seen)
        row, _ = CalendarDay.objects.update_or_create(calendar=calendar, date=day, defaults={"note": note})
        row.intervals.all().delete()
        CalendarDayInterval.objects.bulk_create(
            CalendarDayInterval(day=row, opens_minute=opens, closes_minute=closes) for opens, closes in hours
        )


def remove_day(calendar: Calendar, *, seen: int, day: date) -> None:
    """The usual hours hold again on this date. Raises ChangedMeanwhile."""
    with transaction.atomic():
        claim_revision(calendar, seen=seen)
        CalendarDay.objects.filter(calendar=calendar, date=day).delete()


def copy_calendar(calendar: Calendar, *, name: str) -> Calendar:
    """A calendar with the same hours, holidays and dates, that nobody uses yet."""
    with transaction.atomic():
        copy = Calendar(
            name=name,
            time_zone=calendar.time_zone,
            holiday_country=calendar.holiday_country,
            worked_holidays=calendar.worked_holidays,
        )
        week: list[list[Minutes]] = [[] for _ in range(7)]
        for interval in calendar.intervals.all():
            week[interval.weekday].append((interval.opens_minute, interval.closes_minute))
        save_calendar(copy, seen=None, week=week)
        for day in calendar.days.prefetch_related("intervals"):
            hours = [(each.opens_minute, each.closes_minute) for each in day.intervals.all()]
            set_day(copy, seen=copy.revision, day=day.date, hours=hours, note=day.note)
        return copy
