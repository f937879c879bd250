"""Add and change the people of a client company."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from clients.errors import ChangedMeanwhile, DefaultContactNeeded
from clients.models import Calendar, Client, Contact, ContactNumber, Department
from clients.models.people import numbers_in_order
from clients.services.revisions import claim_revision


@dataclass(frozen=True, slots=True)
class NumberFields:
    """A number in E.164, what it is called, and whether urgent messages go to it by SMS."""

    number: str
    label: str = ""
    gets_urgent_sms: bool = False


@dataclass(frozen=True, slots=True)
class ContactFields:
    """A validated form of a contact; `numbers` in the order in which they are tried."""

    name: str
    language: str
    department: str = ""
    responsibility: str = ""
    email: str = ""
    also_speaks: tuple[str, ...] = ()
    calendar: Calendar | None = None
    is_default: bool = False
    numbers: tuple[NumberFields, ...] = ()


def add_contact(client: Client, fields: ContactFields) -> Contact:
    """A new contact; the first of a client is its default contact, whatever was said."""
    with transaction.atomic():
        lock_people(client)
        contact = Contact(client=client)
        is_first = not client.contacts.filter(left_at=None, is_default=True).exists()
        _write(contact, fields, is_default=fields.is_default or is_first)
        return contact


def change_contact(contact: Contact, fields: ContactFields, *, revision: int) -> Contact:
    """Write the form over the contact as it was at this revision.

    Raises ChangedMeanwhile if somebody else was quicker, DefaultContactNeeded if nobody would be the default any more.
    """
    with transaction.atomic():
        lock_people(contact.client)
        current = Contact.objects.get(pk=contact.pk)
        if current.left_at is not None:
            raise ChangedMeanwhile
        claim_revision(current, seen=revision)
        if current.is_default and not fields.is_default:
            raise DefaultContactNeeded
        _write(current, fields, is_default=fields.is_default)
        drop_empty_departments(current.client)
        return current


def lock_people(client: Client) -> None:
    """Until the transaction ends nobody else changes the people of this client."""
    Client.objects.select_for_update(no_key=True).only("pk").get(pk=client.pk)


def drop_empty_departments(client: Client) -> None:
    client.departments.filter(contacts=None).delete()


def department_named(client: Client, name: str) -> Department | None:
    """The client's department of this name in whatever case, made if there is none; None without a name."""
    if not name:
        return None
    found = client.departments.filter(name__iexact=name).order_by("pk").first()
    return found or Department.objects.create(client=client, name=name)


def _write(contact: Contact, fields: ContactFields, *, is_default: bool) -> None:
    if is_default and not contact.is_default:
        contact.client.contacts.filter(is_default=True).update(is_default=False)
    contact.name, contact.language = fields.name, fields.language
    contact.department = department_named(contact.client, fields.department)
    contact.responsibility, contact.email = fields.responsibility, fields.email
    contact.also_speaks = [code for code in fields.also_speaks if code != fields.language]
    contact.calendar, contact.is_default = fields.calendar, is_default
    contact.save()
    _write_numbers(contact, fields.numbers)


def _write_numbers(contact: Contact, numbers: Sequence[NumberFields]) -> None:
    contact.numbers.all().delete()
    rows = [
        ContactNumber(number=each.number, label=each.label, gets_urgent_sms=each.gets_urgent_sms) for each in numbers
    ]
    ContactNumber.objects.bulk_create(numbers_in_order(contact, rows))
