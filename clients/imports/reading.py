"""Read the file of an import into rows that say what each would do; batch by batch, each once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Upper

from clients.imports.columns import Column
from clients.imports.faults import Fault, FaultCode, Problem
from clients.imports.files import MOST_ROWS, Layout, LineTooLong, Pieces, Record, records
from clients.imports.leases import hold, renew
from clients.imports.matching import Match, capitals_of, contacts_by_pk, directory_of
from clients.imports.people import Cells, ClientFacts, Merge, Person, cells_by_column, person_of
from clients.models import (
    Calendar,
    Client,
    ContactImport,
    ContactImportRow,
    Department,
    ImportState,
    RowState,
    Verdict,
)

BATCH = 500
T = TypeVar("T")

# Of the import's rows those with a number of another row, or of a contact of this client that is somebody else.
MARK_SHARED_NUMBERS = """
WITH given AS (
    SELECT id, contact_id, unnest(numbers) AS number FROM clients_contactimportrow
    WHERE contact_import_id = %(job)s AND numbers <> '{}'
), shared AS (
    SELECT number FROM given GROUP BY number HAVING count(DISTINCT id) > 1
)
UPDATE clients_contactimportrow SET shares_number = true WHERE id IN (
    SELECT given.id FROM given JOIN shared USING (number)
    UNION
    SELECT given.id FROM given
        JOIN clients_contactnumber present USING (number)
        JOIN clients_contact contact ON contact.id = present.contact_id
    WHERE contact.client_id = %(client)s AND contact.left_at IS NULL
        AND contact.id IS DISTINCT FROM given.contact_id
)
"""


def layout_of_job(job: ContactImport) -> Layout:
    return Layout(job.encoding, job.separator, job.has_header, tuple(Column(each) for each in job.columns))


def read(job: ContactImport) -> Iterator[None]:
    """Read on from where the import stands; gives control back after each batch. Raises Overtaken."""
    pieces = Pieces(pieces_of(job))
    reader = Reader(job)
    rows = islice(records(pieces, layout_of_job(job)), job.rows_read, None)
    try:
        for batch in _batches(rows, BATCH):
            if job.rows_read + len(batch) > MOST_ROWS:
                refuse(job, Problem.TOO_MANY_ROWS)
                return
            reader.read(batch, bytes_read=pieces.position)
            yield
    except UnicodeDecodeError:
        refuse(job, Problem.UNDECODABLE)
    except LineTooLong:
        refuse(job, Problem.NOT_CSV)
    else:
        _finish(job)


def pieces_of(job: ContactImport) -> Iterator[bytes]:
    """The file of an import, a piece for each query."""
    position = 0
    while piece := job.pieces.filter(position=position).first():
        yield bytes(piece.content)
        position += 1


def refuse(job: ContactImport, problem: Problem) -> None:
    """No row can be read: a person has to say how, or choose another file."""
    with transaction.atomic():
        current = hold(job, ImportState.READING)
        forget_rows(current)
        current.state, current.problem, current.busy_until = ImportState.ASKING, problem, None
        current.save()


def forget_rows(job: ContactImport) -> None:
    """As if no row had been read; to be saved by the caller."""
    job.rows.all().delete()
    job.rows_read = job.bytes_read = job.attempts = 0
    job.new_count = job.changed_count = job.unchanged_count = job.faulty_count = 0


def _finish(job: ContactImport) -> None:
    if not job.rows_read:
        refuse(job, Problem.NO_ROWS)
        return
    with transaction.atomic():
        current = hold(job, ImportState.READING)
        with connection.cursor() as cursor:
            cursor.execute(MARK_SHARED_NUMBERS, {"job": job.pk, "client": job.client_id})
        current.state, current.busy_until, current.bytes_read = ImportState.READY, None, current.file_bytes
        current.save()


class Reader:
    """Turns records into the rows of one import, knowing what its earlier rows were."""

    def __init__(self, job: ContactImport) -> None:
        self._job, self._client = job, job.client
        self._columns = layout_of_job(job).columns
        self._facts = facts_of(job.client)
        first = job.rows.filter(names_default=True).order_by("number").first()
        self._default_line = first.line if first else 0

    def read(self, batch: list[Record], *, bytes_read: int) -> None:
        """Store what these records mean, and how far that is, in one transaction."""
        with transaction.atomic():
            current = hold(self._job, ImportState.READING)
            rows = self._rows(batch)
            ContactImportRow.objects.bulk_create(rows)
            for row in rows:
                name = f"{row.verdict}_count"
                setattr(current, name, getattr(current, name) + 1)
            current.rows_read += len(batch)
            current.bytes_read = max(current.bytes_read, bytes_read)
            renew(current)
        self._job.rows_read = current.rows_read

    def _rows(self, records: list[Record]) -> list[ContactImportRow]:
        cells = [None if record.fault else cells_by_column(self._columns, record.cells) for record in records]
        known = Known(self._job, [each for each in cells if each is not None])
        rows = []
        for number, (record, each) in enumerate(zip(records, cells, strict=True), start=self._job.rows_read + 1):
            row = ContactImportRow(contact_import=self._job, number=number, line=record.line)
            faults = self._judge(row, each, known) if each is not None else [record.fault]
            if faults:
                row.verdict, row.cells = Verdict.FAULTY, list(record.cells)
                row.faults = [fault.to_dict() for fault in faults if fault]
            rows.append(row)
        return rows

    def _judge(self, row: ContactImportRow, cells: Cells, known: "Known") -> Sequence[Fault | None]:
        """Say in the row what it does; the faults, if it must not."""
        match = known.directory.match(cells)
        contact = known.contacts.get(match.contact) if match.contact else None
        before = person_of(contact) if contact else None
        merge = Merge(cells, before, self._facts)
        unclear = match.fault or known.claimed(match)
        faults = [unclear, *merge.faults] if unclear else merge.faults
        if merge.says_default and self._default_line:
            faults.append(Fault(FaultCode.SECOND_DEFAULT, line=self._default_line))
        if faults:
            return faults
        known.claim(match, row.line)
        self._default_line = row.line if merge.says_default else self._default_line
        row.names_default, row.key, row.matched_by = merge.says_default, match.key, match.by or ""
        row.contact = contact
        _say(row, before, known.spelled(merge.person))
        return []


def _say(row: ContactImportRow, before: Person | None, after: Person) -> None:
    """New, changed or unchanged; what is new about it is kept with what was before."""
    row.after, row.numbers = after.to_dict(), [each.number for each in after.numbers]
    if before is None:
        row.verdict, row.state = Verdict.NEW, RowState.WAITING
    elif before.is_as(after) and before.is_default == after.is_default:
        row.verdict = Verdict.UNCHANGED
    else:
        row.verdict, row.state, row.before = Verdict.CHANGED, RowState.WAITING, before.to_dict()


class Known:
    """What the database knows of the people of some rows, and who of them the file has named before; eight queries."""

    def __init__(self, job: ContactImport, rows: list[Cells]) -> None:
        self.directory = directory_of(job.client, rows)
        matches = [self.directory.match(each) for each in rows]
        self.contacts = contacts_by_pk(match.contact for match in matches if match.contact)
        names = {name for row in rows if (name := row.words.get(Column.DEPARTMENT))}
        self._departments = {each.name.casefold(): each.name for each in departments_named(job.client, names)}
        self._lines: dict[str | int, int] = {}
        named = Q(key__in=[match.key for match in matches if match.key]) | Q(contact__in=list(self.contacts))
        for key, contact, line in job.rows.filter(named).exclude(key="").values_list("key", "contact", "line"):
            self._lines |= {key: line} | ({contact: line} if contact else {})

    def claimed(self, match: Match) -> Fault | None:
        """The fault of a row whose person an earlier row has named."""
        line = self._lines.get(match.key) if match.key else None
        line = line or (self._lines.get(match.contact) if match.contact else None)
        return Fault(FaultCode.SAME_PERSON, line=line) if line else None

    def claim(self, match: Match, line: int) -> None:
        self._lines |= {match.key: line} | ({match.contact: line} if match.contact else {})

    def spelled(self, person: Person) -> Person:
        """With the department spelled as it is already."""
        return replace(person, department=self._departments.get(person.department.casefold(), person.department))


def facts_of(client: Client) -> ClientFacts:
    """What decides what cells mean; one query."""
    calendars: dict[str, list[int]] = {}
    for pk, name in Calendar.objects.used_by(client).values_list("pk", "name"):
        calendars.setdefault(name.strip().casefold(), []).append(pk)
    return ClientFacts(client.country, client.language, calendars)


def departments_named(client: Client, names: Iterable[str]) -> list[Department]:
    """The client's departments with one of these names, whatever the case; one query."""
    found = client.departments.annotate(key=Upper("name")).filter(key__in=capitals_of(names))
    return list(found.order_by("-pk"))


def _batches(rows: Iterator[T], size: int) -> Iterator[list[T]]:
    while batch := list(islice(rows, size)):
        yield batch
