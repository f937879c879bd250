"""How workers share imports: one holds an import for a while, and each batch is done by who finds it as expected."""

from datetime import timedelta

from django.db import transaction

from answering.lib import clock
from clients.models import ContactImport, ImportState

# As long as the slowest batch may take; after that another worker goes on.
LEASE = timedelta(seconds=60)


class Overtaken(Exception):
    """Somebody else has gone on with this import, or it is gone."""


def take_import() -> ContactImport | None:
    """An import that nobody is busy with, now ours; None if there is none."""
    with transaction.atomic():
        found = ContactImport.objects.unattended(clock.now()).select_for_update(skip_locked=True, of=("self",))
        job = found.select_related("client").first()
        if job is not None:
            job.attempts += 1
            job.busy_until = clock.now() + LEASE
            job.save(update_fields=["attempts", "busy_until"])
        return job


def hold(job: ContactImport, state: ImportState) -> ContactImport:
    """The import's row, locked until the transaction ends. Raises Overtaken if it is not as this worker knows it."""
    current = ContactImport.objects.select_for_update(of=("self",)).select_related("client").filter(pk=job.pk).first()
    if current is None or current.state != state or current.rows_read != job.rows_read:
        raise Overtaken
    return current


def renew(job: ContactImport) -> None:
    """Save how far the import is, and keep it a while longer."""
    job.attempts, job.busy_until = 0, clock.now() + LEASE
    job.save()


def release(job: ContactImport) -> None:
    """Leave an import that is not finished to the next who asks."""
    ContactImport.objects.filter(pk=job.pk).update(busy_until=None)
