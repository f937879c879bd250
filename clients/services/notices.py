"""Put a temporary notice away."""

from django.db import transaction

from answering.lib import clock
from clients.models import Notice
from clients.services.revisions import claim_revision


def end_notice(notice: Notice, *, seen: int | None) -> None:
    """End a notice that runs now; one that has not begun is gone. Raises ChangedMeanwhile."""
    with transaction.atomic():
        claim_revision(notice, seen=seen)
        now = clock.now()
        if notice.starts_at < now:
            Notice.objects.filter(pk=notice.pk, ends_at__gt=now).update(ends_at=now)
        else:
            notice.delete()
