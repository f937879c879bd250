"""What workers do with imports: a task is a nudge, the import's row is the work."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import QuerySet

from answering.lib import clock
from clients.imports.faults import Problem
from clients.imports.leases import Overtaken, release, take_import
from clients.imports.reading import read, refuse
from clients.imports.undoing import undo
from clients.imports.writing import leave_batch, write
from clients.models import ContactImport, ContactImportRow, ImportState

log = structlog.get_logger(__name__)
BUSY_SECONDS = 80.0
MOST_ATTEMPTS = 5
UNDO_WINDOW = timedelta(days=7)
WAITS_FOR_A_PERSON = timedelta(days=1)
_FORGOTTEN_AT_ONCE = 10_000
_STEPS: dict[str, Callable[[ContactImport], Iterator[None]]] = {
    ImportState.READING: read,
    ImportState.WRITING: write,
    ImportState.UNDOING: undo,
}


def carry_on() -> int:
    """Work on the imports that nobody is busy with, until nothing is left or time is up; gives how many were touched.

    Several workers may run it at once: an import is held by one of them, and whoever loses it stops. What a dead
    worker leaves is gone on with where its last batch ended.
    """
    touched, ends = 0, time.monotonic() + BUSY_SECONDS
    while time.monotonic() < ends and (job := take_import()) is not None:
        touched += 1
        try:
            _work(job, ends)
        except Overtaken:
            log.info("contacts.import_overtaken", contact_import=job.pk)
    return touched


def _work(job: ContactImport, ends: float) -> None:
    if job.attempts > MOST_ATTEMPTS:
        _give_up(job)
        return
    for _batch in _STEPS[job.state](job):
        if time.monotonic() >= ends:
            break
    release(job)


def _give_up(job: ContactImport) -> None:
    """What no worker survives must not stop the rest: the file is not read, or the next rows are left as they are."""
    log.error("contacts.import_given_up", contact_import=job.pk, state=job.state)
    if job.state == ImportState.READING:
        refuse(job, Problem.FAILED)
    else:
        leave_batch(job)
        release(job)


def forget() -> int:
    """Delete what is no longer needed: imports nobody has carried out for a day, rows after the week for undoing."""
    now = clock.now()
    waiting = (ImportState.ASKING, ImportState.READY)
    old = ContactImport.objects.filter(state__in=waiting, uploaded_at__lt=now - WAITS_FOR_A_PERSON)
    final = ContactImport.objects.filter(
        state__in=(ImportState.DONE, ImportState.UNDONE), carried_out_at__lt=now - UNDO_WINDOW
    )
    rows = ContactImportRow.objects.filter(contact_import__in=final).values("pk")[:_FORGOTTEN_AT_ONCE]
    forgotten, _each = ContactImportRow.objects.filter(pk__in=rows).delete()
    return forgotten + _forget_waiting(old)


def _forget_waiting(old: QuerySet[ContactImport]) -> int:
    """But none that a person is carrying out, reading anew or discarding now."""
    with transaction.atomic():
        free = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True))
        return ContactImport.objects.filter(pk__in=free).delete()[0]
