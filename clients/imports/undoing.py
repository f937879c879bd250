"""Take an import back: whoever nobody has changed since is as before, or gone again; the others are listed and left."""

from collections.abc import Iterator

from django.db import transaction
from django.db.models import ForeignObjectRel

from answering.lib import clock
from clients.imports.faults import LeftCode
from clients.imports.leases import hold, renew
from clients.imports.matching import contacts_by_pk
from clients.imports.people import Person, person_of
from clients.imports.writing import BATCH, note_states, pass_default_on, write_people
from clients.models import (
    Calendar,
    Client,
    Contact,
    ContactImport,
    ContactImportRow,
    ContactNumber,
    ImportState,
    RowState,
    Verdict,
)
from clients.services.contacts import drop_empty_departments, lock_people

# What belongs to a contact alone and goes with it, or only remembers it.
_OWN = (ContactNumber, ContactImportRow)


def undo(job: ContactImport) -> Iterator[None]:
    """Go on from where the import stands, its last row first; gives control back after each batch. Raises Overtaken."""
    while _undo_batch(job):
        yield


def _undo_batch(job: ContactImport) -> bool:
    with transaction.atomic():
        current = hold(job, ImportState.UNDOING)
        lock_people(current.client)
        rows = list(current.rows.filter(state=RowState.WRITTEN).order_by("-number")[:BATCH])
        kept = Undoing(current.client, rows).undo()
        current.undone_count += len(rows) - kept
        current.kept_count += kept
        renew(current)
        if not rows:
            drop_empty_departments(current.client)
            _name_a_default(current.client)
            ContactImport.objects.filter(pk=current.pk).update(
                state=ImportState.UNDONE, undone_at=clock.now(), busy_until=None
            )
        return bool(rows)


class Undoing:
    """Some rows of an import, in a transaction that holds the client's people."""

    def __init__(self, client: Client, rows: list[ContactImportRow]) -> None:
        self._client, self._rows = client, rows
        pks = [row.contact_id for row in rows if row.contact_id]
        list(Contact.objects.filter(pk__in=pks).order_by("pk").select_for_update().values("pk"))
        self._contacts = contacts_by_pk(pks)
        self._used = used_elsewhere([row.contact_id for row in rows if row.contact_id and row.verdict == Verdict.NEW])
        self._calendars = set(Calendar.objects.values_list("pk", flat=True)) | {None} if rows else {None}

    def undo(self) -> int:
        """Take back what nobody has changed since; gives how many rows were left as they are."""
        for row in self._rows:
            row.reason = self._reason(row)
            row.state = RowState.KEPT if row.reason else RowState.UNDONE
        going = [row for row in self._rows if not row.reason]
        for row in going:
            if row.displaced_id and self._contact(row).is_default:
                pass_default_on(self._client, row.displaced_id)
        changed = [row for row in going if row.verdict == Verdict.CHANGED]
        write_people(self._client, [(self._contact(row), Person.from_dict(row.before or {})) for row in changed])
        note_states(self._rows)
        Contact.objects.filter(pk__in=[row.contact_id for row in going if row.verdict == Verdict.NEW]).delete()
        return len(self._rows) - len(going)

    def _contact(self, row: ContactImportRow) -> Contact:
        return self._contacts[row.contact_id or 0]

    def _reason(self, row: ContactImportRow) -> LeftCode | str:
        """Why the row cannot be taken back; empty if it can."""
        contact = self._contacts.get(row.contact_id or 0)
        if contact is None or contact.left_at is not None:
            return LeftCode.GONE
        if not person_of(contact).is_as(Person.from_dict(row.after or {})):
            return LeftCode.CHANGED_SINCE
        if row.verdict == Verdict.CHANGED:
            return "" if (row.before or {})["hours"] in self._calendars else LeftCode.CHANGED_SINCE
        if contact.pk in self._used:
            return LeftCode.IN_USE
        return LeftCode.IS_DEFAULT if contact.is_default and not self._can_lose_default(row) else ""

    def _can_lose_default(self, row: ContactImportRow) -> bool:
        """Whether somebody else can be the default contact, or nobody has to."""
        others = self._client.contacts.present()
        if row.displaced_id:
            return others.filter(pk=row.displaced_id).exists()
        ours = ContactImportRow.objects.filter(contact_import=row.contact_import_id, verdict=Verdict.NEW)
        return not others.exclude(pk__in=ours.exclude(contact=None).values("contact")).exists()


def used_elsewhere(contacts: list[int]) -> set[int]:
    """Which of these contacts anything names, in whatever app: a message, a shift, a draft; one query for each kind."""
    used: set[int] = set()
    for relation in Contact._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ForeignObjectRel) or relation.related_model in _OWN or not contacts:
            continue
        name = relation.field.name
        named = relation.related_model._default_manager.filter(**{f"{name}__in": contacts})
        used |= set(named.values_list(name, flat=True))
    return used


def _name_a_default(client: Client) -> None:
    """Somebody who is left gets what is for nobody in particular, if whoever got it is gone again."""
    present = client.contacts.present()
    if not present.filter(is_default=True).exists() and (first := present.first()):
        pass_default_on(client, first.pk)
