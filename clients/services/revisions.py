"""The optimistic lock of what is edited at the desk."""

from django.db import transaction
from django.db.models import F

from clients.errors import ChangedMeanwhile
from clients.models.revised import Revised


def save_revised(row: Revised, *, seen: int | None) -> None:
    """Save a new row, or one that nobody has saved since its revision `seen`. Raises ChangedMeanwhile."""
    with transaction.atomic():
        if row.pk is not None:
            claim_revision(row, seen=seen)
        row.save()


def claim_revision(row: Revised, *, seen: int | None) -> None:
    """Count the next revision, in a transaction that then writes the change; raises ChangedMeanwhile.

    One UPDATE decides: of several who have seen the same revision exactly one goes on, the others wait for
    that one's transaction and are refused.
    """
    if seen is None:
        raise ChangedMeanwhile
    rows = type(row)._default_manager.filter(pk=row.pk, revision=seen)
    if not rows.update(revision=F("revision") + 1):
        raise ChangedMeanwhile
    row.revision = seen + 1
