"""What people do with imports: upload, say how to read, carry out, take back, discard. Workers do the rest."""

from collections.abc import Callable, Iterable

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from answering.accounts.models import User
from answering.lib import clock
from answering.lib.commit import after_commit
from answering.push.nudge import nudge
from clients.errors import PeopleError
from clients.imports.columns import Column
from clients.imports.encodings import UTF16_BE, UTF16_LE, beginning, encoding_of
from clients.imports.faults import Problem
from clients.imports.files import MOST_BYTES, MOST_COLUMNS, Layout, layout_with, sample_rows, separator_of
from clients.imports.reading import forget_rows
from clients.imports.work import UNDO_WINDOW
from clients.models import Client, ContactImport, ContactImportPiece, ImportState
from clients.tasks import carry_on_imports

_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_SAMPLE_BYTES = 65_536
Pieces = Callable[[], Iterable[bytes]]


class FileRefused(PeopleError):
    """No import was made of this file; `problem` says why and what to do."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem
        self.message = problem.label


class ImportMovedOn(PeopleError):
    """Somebody has carried it out, taken it back or discarded it since the page was shown."""

    message = _("This import has moved on since you opened the page. See below how far it is.")


class RowsFaulty(PeopleError):
    """All or nothing was asked for, and there are faulty rows."""

    message = _(
        "Some rows are faulty, so nothing was imported. Correct them in the file and upload it again, "
        "or import the rows without faults only."
    )


def begin_import(client: Client, *, name: str, pieces: Pieces, size: int, by: User | None) -> ContactImport:
    """Keep the file and begin to read it, or ask how if its columns are not known. Raises FileRefused.

    `pieces` gives the bytes, again whenever called; no more than one piece is in memory at a time.
    """
    if not size:
        raise FileRefused(Problem.EMPTY)
    if size > MOST_BYTES:
        raise FileRefused(Problem.TOO_LARGE)
    sample = next(iter(pieces()))[:_SAMPLE_BYTES]
    encoding = _encoding_of(sample, pieces, client.language)
    text = beginning(sample, encoding)
    if not text.strip():
        raise FileRefused(Problem.EMPTY)
    layout = layout_with(text, encoding, separator_of(text))
    with transaction.atomic():
        job = ContactImport(client=client, user=by, file_name=_file_name(name), file_bytes=size)
        _set_layout(job, layout)
        job.save()
        for position, piece in enumerate(pieces()):
            ContactImportPiece.objects.create(contact_import=job, position=position, content=piece)
        after_commit(nudge, carry_on_imports)
        return job


def read_anew(job: ContactImport, layout: Layout) -> ContactImport:
    """Read the file as a person says. Raises ImportMovedOn."""
    with transaction.atomic():
        current = _held(job, ImportState.ASKING, ImportState.READY)
        forget_rows(current)
        _set_layout(current, layout)
        current.save()
        after_commit(nudge, carry_on_imports)
        return current


def carry_out(job: ContactImport, *, is_all_or_nothing: bool, by: User | None) -> ContactImport:
    """Let its rows become contacts; the file is no longer needed. Twice is once. Raises ImportMovedOn, RowsFaulty."""
    with transaction.atomic():
        current = _held(job, ImportState.READY)
        if is_all_or_nothing and current.faulty_count:
            raise RowsFaulty
        current.state, current.is_all_or_nothing = ImportState.WRITING, is_all_or_nothing
        current.user, current.carried_out_at, current.busy_until = by, clock.now(), None
        current.attempts = 0
        current.save()
        current.pieces.all().delete()
        after_commit(nudge, carry_on_imports)
        return current


def take_back(job: ContactImport, *, by: User | None) -> ContactImport:
    """Undo it as far as nobody has changed what it did. Raises ImportMovedOn, also after the week for it."""
    with transaction.atomic():
        current = _held(job, ImportState.DONE)
        if not can_be_taken_back(current):
            raise ImportMovedOn
        current.state, current.undone_by, current.attempts = ImportState.UNDOING, by, 0
        current.save()
        after_commit(nudge, carry_on_imports)
        return current


def discard(job: ContactImport) -> None:
    """As if the file had never been uploaded. Raises ImportMovedOn once it is being carried out."""
    with transaction.atomic():
        _held(job, ImportState.ASKING, ImportState.READING, ImportState.READY).delete()


def can_be_taken_back(job: ContactImport) -> bool:
    """Whether it changed something, is not taken back already, and its rows are still there."""
    if job.state != ImportState.DONE or job.carried_out_at is None or not job.written_count:
        return False
    return job.carried_out_at > clock.now() - UNDO_WINDOW


def sample_of(job: ContactImport) -> list[list[str]]:
    """The first rows of the file as it is read now, the header with them; empty once the file is gone. One query."""
    return sample_rows(_text_of(job, job.encoding), job.separator)


def layout_in(job: ContactImport, encoding: str, separator: str) -> Layout:
    """The layout that follows if the file is in this encoding and has this separator; one query."""
    return layout_with(_text_of(job, encoding), encoding, separator)


def _text_of(job: ContactImport, encoding: str) -> str:
    first = job.pieces.filter(position=0).first()
    return beginning(bytes(first.content)[:_SAMPLE_BYTES], encoding) if first else ""


def _held(job: ContactImport, *states: ImportState) -> ContactImport:
    current = ContactImport.objects.select_for_update(of=("self",)).filter(pk=job.pk, state__in=states).first()
    if current is None:
        raise ImportMovedOn
    return current


def _set_layout(job: ContactImport, layout: Layout) -> None:
    """Ready to be read, or waiting for a person who says how."""
    job.encoding, job.separator, job.has_header = layout.encoding, layout.separator, layout.has_header
    job.columns = [column.value for column in layout.columns[:MOST_COLUMNS]]
    job.problem = _problem_of(layout)
    job.state = ImportState.ASKING if job.problem else ImportState.READING
    job.busy_until = None


def _problem_of(layout: Layout) -> Problem | str:
    known = set(layout.columns) - {Column.NOTHING}
    if len(layout.columns) > MOST_COLUMNS:
        return Problem.TOO_MANY_COLUMNS
    if not known:
        return Problem.ONE_COLUMN if len(layout.columns) < 2 else Problem.NO_HEADER
    return "" if known & {Column.NAME, Column.ID} else Problem.NO_NAME


def _encoding_of(sample: bytes, pieces: Pieces, language: str) -> str:
    """Raises FileRefused if these are no bytes of a text."""
    if sample.startswith(_WORKBOOKS):
        raise FileRefused(Problem.WORKBOOK)
    encoding = encoding_of(sample, pieces, language)
    if encoding not in (UTF16_LE, UTF16_BE) and _has_zeros(pieces()):
        raise FileRefused(Problem.BINARY)
    return encoding


def _has_zeros(pieces: Iterable[bytes]) -> bool:
    return any(b"\0" in piece for piece in pieces)


def _file_name(name: str) -> str:
    """As people see it in the log: no path, no signs that are none."""
    plain = "".join(sign for sign in name.replace("\\", "/").rpartition("/")[2] if sign.isprintable())
    return plain[-200:] or "contacts.csv"
