"""Carry an import out: its rows become contacts, batch by batch, each once.

What somebody has changed since the preview is left as it is. Everything of a batch is one transaction, in which
nobody else changes the people of this client.
"""

from collections.abc import Iterable, Iterator

from django.db import connection, transaction

from clients.imports.faults import LeftCode
from clients.imports.leases import hold, renew
from clients.imports.matching import contacts_by_pk, people_with
from clients.imports.people import Person, person_of
from clients.imports.reading import departments_named
from clients.models import (
    Calendar,
    Client,
    Contact,
    ContactImport,
    ContactImportRow,
    ContactNumber,
    Department,
    ImportState,
    RowState,
    Verdict,
)
from clients.models.people import numbers_in_order
from clients.services.contacts import drop_empty_departments, lock_people

BATCH = 500
NOTE_CONTACTS = """
UPDATE clients_contactimportrow SET contact_id = made.contact
FROM unnest(%s::bigint[], %s::bigint[]) AS made (line, contact) WHERE clients_contactimportrow.id = made.line
"""
WRITTEN_FIELDS = (
    "name",
    "sort_key",
    "search_key",
    "department",
    "responsibility",
    "email",
    "language",
    "also_speaks",
    "calendar",
    "revision",
)


def write(job: ContactImport) -> Iterator[None]:
    """Carry on from where the import stands; gives control back after each batch. Raises Overtaken."""
    while _write_batch(job):
        yield


def _write_batch(job: ContactImport) -> bool:
    """The next rows, or the end; whether there may be more."""
    with transaction.atomic():
        current = hold(job, ImportState.WRITING)
        lock_people(current.client)
        rows = list(current.rows.filter(state=RowState.WAITING).order_by("number")[:BATCH])
        left = Batch(current.client, rows).write()
        current.written_count += len(rows) - left
        current.left_count += left
        if left and current.is_all_or_nothing:
            current.state = ImportState.UNDOING
        elif not rows:
            drop_empty_departments(current.client)
            current.state = ImportState.DONE
        renew(current)
        if current.state == ImportState.DONE:
            ContactImport.objects.filter(pk=current.pk).update(busy_until=None)
        return current.state == ImportState.WRITING


def leave_batch(job: ContactImport) -> None:
    """Leave the rows that are next as they are, in whichever direction the import goes."""
    with transaction.atomic():
        current = hold(job, ImportState(job.state))
        is_undoing = current.state == ImportState.UNDOING
        rows = current.rows.filter(state=RowState.WRITTEN if is_undoing else RowState.WAITING)
        chosen = list(rows.order_by("-number" if is_undoing else "number")[:BATCH])
        for row in chosen:
            row.state, row.reason = RowState.KEPT if is_undoing else RowState.LEFT, LeftCode.FAILED
        note_states(chosen)
        if is_undoing:
            current.kept_count += len(chosen)
        else:
            current.left_count += len(chosen)
            current.state = ImportState.UNDOING if current.is_all_or_nothing else current.state
        renew(current)


class Batch:
    """Some rows of an import, in a transaction that holds the client's people."""

    def __init__(self, client: Client, rows: list[ContactImportRow]) -> None:
        self._client, self._rows = client, rows
        self._people = {row.pk: Person.from_dict(row.after or {}) for row in rows}

    def write(self) -> int:
        """Write what is still as the preview showed it; gives how many rows were left alone."""
        present = contacts_by_pk(row.contact_id for row in self._rows if row.contact_id)
        added = self._added_meanwhile()
        # To whom they belong was asked when the file was read; the last one to use a calendar may be in this file too.
        hours = {person.hours for person in self._people.values() if person.hours}
        calendars = set(Calendar.objects.filter(pk__in=hours).values_list("pk", flat=True)) if hours else set()
        going: list[ContactImportRow] = []
        for row in self._rows:
            row.reason = self._reason(row, present, added, calendars)
            row.state = RowState.LEFT if row.reason else RowState.WRITTEN
            if not row.reason:
                going.append(row)
        self._write([row for row in going if row.verdict == Verdict.NEW], {})
        self._write([row for row in going if row.verdict == Verdict.CHANGED], present)
        self._give_default(going)
        note_states(self._rows)
        _note_contacts([row for row in going if row.verdict == Verdict.NEW])
        return len(self._rows) - len(going)

    def _reason(
        self, row: ContactImportRow, present: dict[int, Contact], added: set[int], calendars: set[int]
    ) -> LeftCode | str:
        """Why the row cannot be carried out as the preview showed it; empty if it can."""
        if self._people[row.pk].hours not in calendars | {None}:
            return LeftCode.CHANGED_MEANWHILE
        if row.verdict == Verdict.NEW:
            return LeftCode.ADDED_MEANWHILE if row.pk in added else ""
        contact = present.get(row.contact_id or 0)
        if contact is None or contact.left_at is not None:
            return LeftCode.GONE
        is_as_shown = person_of(contact).is_as(Person.from_dict(row.before or {}))
        return "" if is_as_shown else LeftCode.CHANGED_MEANWHILE

    def _added_meanwhile(self) -> set[int]:
        """New rows whose people have been added by somebody else since the preview."""
        new = {row.pk: self._people[row.pk] for row in self._rows if row.verdict == Verdict.NEW}
        found = people_with(
            self._client,
            emails=[person.email for person in new.values() if person.email],
            names=[person.name for person in new.values() if not person.email],
        )
        if not found:
            return set()
        ours = ContactImportRow.objects.filter(contact_import=self._rows[0].contact_import_id, verdict=Verdict.NEW)
        mine = set(ours.filter(contact__in=[each.pk for each in found]).values_list("contact", flat=True))
        others = {_identity(each.email, each.name, each.department) for each in found if each.pk not in mine}
        others |= {_identity("", each.name, each.department) for each in found if each.pk not in mine}
        return {pk for pk, person in new.items() if _identity(person.email, person.name, person.department) in others}

    def _write(self, rows: list[ContactImportRow], present: dict[int, Contact]) -> None:
        """Write the rows' people over contacts that there are, or as new ones."""
        people = [self._people[row.pk] for row in rows]
        contacts = [present.get(row.contact_id or 0) or Contact(client=self._client, revision=0) for row in rows]
        write_people(self._client, list(zip(contacts, people, strict=True)))
        for row, contact in zip(rows, contacts, strict=True):
            row.contact = contact

    def _give_default(self, rows: list[ContactImportRow]) -> None:
        """At most one row of an import names another default contact; a client's first contact is it by itself."""
        default = self._client.contacts.present().filter(is_default=True).first()
        named = next((row for row in rows if self._people[row.pk].is_default and row.names_default), None)
        if named is None and default is None:
            named = next((row for row in rows if row.verdict == Verdict.NEW), None)
        if named is None or (default is not None and named.contact_id == default.pk):
            return
        ContactImportRow.objects.filter(pk=named.pk).update(displaced=default)
        pass_default_on(self._client, named.contact_id)


def _identity(email: str, name: str, department: str) -> tuple[str, ...]:
    """By what a row without an ID is one person: e-mail, else name and department."""
    return (email.casefold(),) if email else (name.casefold(), department.casefold())


def pass_default_on(client: Client, contact_id: int | None) -> None:
    """Whoever is the default contact now, this one is it from now on; nothing changes if they have left."""
    if client.contacts.filter(left_at=None, pk=contact_id or 0).exists():
        client.contacts.filter(is_default=True).update(is_default=False)
        client.contacts.filter(pk=contact_id or 0).update(is_default=True)


def note_states(rows: list[ContactImportRow]) -> None:
    """Store state and reason of these rows; a query for each that occurs."""
    for state, reason in {(row.state, row.reason) for row in rows}:
        same = [row.pk for row in rows if (row.state, row.reason) == (state, reason)]
        ContactImportRow.objects.filter(pk__in=same).update(state=state, reason=reason)


def _note_contacts(rows: list[ContactImportRow]) -> None:
    """Store whom each row has made; Django's bulk_update would take longer than everything else together."""
    with connection.cursor() as cursor:
        cursor.execute(NOTE_CONTACTS, [[row.pk for row in rows], [row.contact_id for row in rows]])


def write_people(client: Client, pairs: list[tuple[Contact, Person]]) -> None:
    """Write people over these contacts, new ones as well; at most eight queries. Who is the default stays as it is."""
    departments = _departments(client, (person.department for _contact, person in pairs))
    new = [contact for contact, _person in pairs if contact.pk is None]
    present = [contact for contact, _person in pairs if contact.pk is not None]
    with_other_numbers = [
        (contact, person)
        for contact, person in pairs
        if contact.pk is None or person_of(contact).numbers != person.numbers
    ]
    for contact, person in pairs:
        contact.name, contact.language, contact.email = person.name, person.language, person.email
        contact.responsibility, contact.also_speaks = person.responsibility, list(person.also_speaks)
        contact.calendar_id, contact.revision = person.hours, contact.revision + 1
        contact.department = departments.get(person.department.casefold())
        contact.set_keys()
    Contact.objects.bulk_create(new)
    # An INSERT that meets its own row costs a tenth of what Django's bulk_update does, a tree of conditions.
    Contact.objects.bulk_create(present, update_conflicts=True, unique_fields=["id"], update_fields=WRITTEN_FIELDS)
    _write_numbers(with_other_numbers)


def _write_numbers(pairs: list[tuple[Contact, Person]]) -> None:
    ContactNumber.objects.filter(contact__in=[contact.pk for contact, _person in pairs]).delete()
    rows = [
        row
        for contact, person in pairs
        for row in numbers_in_order(
            contact,
            (
                ContactNumber(number=each.number, label=each.label, gets_urgent_sms=each.gets_urgent_sms)
                for each in person.numbers
            ),
        )
    ]
    ContactNumber.objects.bulk_create(rows)


def _departments(client: Client, names: Iterable[str]) -> dict[str, Department]:
    """The departments of these names by their names without case, made where there is none."""
    wanted = {name.casefold(): name for name in names if name}
    found = {each.name.casefold(): each for each in departments_named(client, wanted.values())}
    new = [Department(client=client, name=name) for key, name in wanted.items() if key not in found]
    Department.objects.bulk_create(new)
    return found | {each.name.casefold(): each for each in new}
