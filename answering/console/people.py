"""Who of the client's people can be reached now, and by which numbers in which order."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from answering.lib import clock
from answering.lib.worktime import CalendarEmpty
from clients.duty import duty_of
from clients.hours import open_stretches
from clients.models import Client, Contact, ContactNumber
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
    def numbers(self) -> list[dict[str, str]]:
        """`number` and `label` of each, in the order in which to try them."""
        return list(getattr(self.contact, "in_order", ()))

    @property
    def role(self) -> str:
        return self.contact.responsibility or str(self.contact.department or "")


def people_of(client: Client) -> list[PersonOnRota]:
    """The client's contacts, those who are there first.

    Two queries; two more when a rota has changed and three more when a calendar has.
    """
    now = clock.now()
    related = client.contacts.present().select_related("department", "calendar")
    contacts = list(related.annotate(in_order=_numbers_in_order())[:PEOPLE_LIMIT])
    prepare_calendars(contact.calendar for contact in contacts if contact.calendar)
    on_rota = duty_of(client).stretches(now, now + LOOK_AHEAD)
    people = [_person(contact, [*on_rota.get(contact.pk, ()), *_in_hours(contact, now)], now) for contact in contacts]
    return sorted(people, key=lambda person: not person.is_on_duty)


def _numbers_in_order() -> ArraySubquery:
    """Number and label of each, in the statement that reads the contacts."""
    numbers = ContactNumber.objects.filter(contact=OuterRef("pk")).order_by("position")
    return ArraySubquery(numbers.values(as_json=JSONObject(number="number", label="label")))


def _in_hours(contact: Contact, now: datetime) -> list[Stretch]:
    """Never, where the calendar has no hours: a calendar half made must not take the console away."""
    if contact.calendar is None:
        return []
    try:
        return list(open_stretches(contact.calendar.work_calendar(), now, now + LOOK_AHEAD))
    except CalendarEmpty:
        return []


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
