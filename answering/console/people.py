"""Who of the client's people can be reached now, and by which numbers in which order."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch

from answering.lib import clock
from answering.lib.worktime import CalendarEmpty, WorkCalendar
from clients.hours import next_closing
from clients.models import Client, Contact, RotaShift
from clients.models.calendars import prepare_calendars

PEOPLE_LIMIT = 40
LOOK_AHEAD = timedelta(days=7)

Stretch = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class PersonOnRota:
    """A contact; there `until`, or away and there again at `back_at`, if that is within a week.

    Who is there for a week on end has no `until`.
    """

    contact: Contact
    is_on_duty: bool = False
    until: datetime | None = None
    back_at: datetime | None = None

    @property
    def role(self) -> str:
        return self.contact.responsibility or str(self.contact.department or "")


def people_of(client: Client) -> list[PersonOnRota]:
    """The client's contacts, those who are there first; three queries, four more while calendars are cold."""
    now = clock.now()
    shifts = RotaShift.objects.filter(client=client, ends_at__gt=now, starts_at__lt=now + LOOK_AHEAD)
    coming = Prefetch("shifts", queryset=shifts.order_by("starts_at"), to_attr="coming")
    contacts = list(client.contacts.present().with_numbers().prefetch_related(coming)[:PEOPLE_LIMIT])
    prepare_calendars(contact.calendar for contact in contacts if contact.calendar)
    people = [_person(contact, [*_on_rota(contact), *_in_hours(contact, now)], now) for contact in contacts]
    return sorted(people, key=lambda person: not person.is_on_duty)


def _on_rota(contact: Contact) -> Iterator[Stretch]:
    return ((shift.starts_at, shift.ends_at) for shift in getattr(contact, "coming", ()))


def _in_hours(contact: Contact, now: datetime) -> Iterator[Stretch]:
    """Never, where the calendar has no hours: a calendar half made must not take the console away."""
    try:
        return _open(contact.calendar.work_calendar(), now) if contact.calendar else iter(())
    except CalendarEmpty:
        return iter(())


def _open(hours: WorkCalendar, now: datetime) -> Iterator[Stretch]:
    """The opening times within the week that lies ahead."""
    horizon = now + LOOK_AHEAD
    opening = now if hours.is_open(now) else hours.next_opening(now)
    while opening is not None and opening < horizon:
        closing = next_closing(hours, opening) or horizon
        yield opening, min(closing, horizon)
        opening = hours.next_opening(closing)


def _person(contact: Contact, stretches: Iterable[Stretch], now: datetime) -> PersonOnRota:
    """Stretches that touch are one: there until the last of them ends."""
    until: datetime | None = None
    for starts, ends in sorted(stretches):
        if starts <= (until or now):
            until = max(until or ends, ends)
        elif until is None:
            return PersonOnRota(contact, back_at=starts)
    if until is not None and until >= now + LOOK_AHEAD:
        return PersonOnRota(contact, is_on_duty=True)
    return PersonOnRota(contact, is_on_duty=until is not None, until=until)
