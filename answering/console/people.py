"""Who of the client's people is on duty."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch

from answering.lib import clock
from clients.models import Client, Contact, RotaShift

PEOPLE_LIMIT = 40
LOOK_AHEAD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class PersonOnRota:
    """A contact; on duty `until`, or away with the next shift at `back_at`, if there is one this week."""

    contact: Contact
    until: datetime | None = None
    back_at: datetime | None = None

    @property
    def is_on_duty(self) -> bool:
        return self.until is not None

    @property
    def role(self) -> str:
        return self.contact.responsibility or self.contact.department


def people_of(client: Client) -> list[PersonOnRota]:
    """The client's contacts, those on duty first; two queries."""
    now = clock.now()
    shifts = RotaShift.objects.filter(client=client, ends_at__gt=now, starts_at__lt=now + LOOK_AHEAD)
    contacts = (
        Contact.objects.filter(client=client, left_at=None)
        .order_by("sort_key", "pk")
        .prefetch_related(Prefetch("shifts", queryset=shifts.order_by("starts_at"), to_attr="coming"))
    )
    people = [_person(contact, getattr(contact, "coming", ()), now) for contact in contacts[:PEOPLE_LIMIT]]
    return sorted(people, key=lambda person: not person.is_on_duty)


def _person(contact: Contact, shifts: Iterable[RotaShift], now: datetime) -> PersonOnRota:
    """Shifts that touch are one: on duty until the last of them ends."""
    until: datetime | None = None
    for shift in shifts:
        if shift.starts_at <= (until or now):
            until = max(until or shift.ends_at, shift.ends_at)
        elif until is None:
            return PersonOnRota(contact, back_at=shift.starts_at)
    return PersonOnRota(contact, until=until)
