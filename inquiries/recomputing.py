"""Open deadlines follow the hours, calendars and targets that they were computed with."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models.functions import Now

from answering.lib import clock
from answering.push.channels import agents_channel, client_channel
from answering.push.hints import hint_on_commit
from clients.models import HoursChange
from inquiries.deadlines import client_deadline, provider_deadline
from inquiries.models import DeadlineChange, DeadlineReason, Inquiry, InquiryKind
from inquiries.sweeping import go_on

# What was being written with the old hours when they changed is committed by then.
SETTLED = timedelta(seconds=10)
BATCH = 500


def recompute_deadlines(*, settled: timedelta = SETTLED) -> int:
    """Take up every change of hours that is older than `settled`; gives the number of deadlines that moved.

    Each is one transaction. Several workers may do it at once: they share the changes out among themselves.
    """
    found = HoursChange.objects.filter(changed_at__lte=Now() - settled).order_by("changed_at")
    changes = list(found.values_list("pk", flat=True))
    return sum(go_on(_take_up, change_id, failure="inquiry.deadlines_not_recomputed") or 0 for change_id in changes)


def _take_up(change_id: int) -> int:
    with transaction.atomic():
        change = HoursChange.objects.select_for_update(skip_locked=True).filter(pk=change_id).first()
        if change is None:
            return 0
        moved = _move_deadlines(change)
        change.delete()
    return moved


def _move_deadlines(change: HoursChange) -> int:
    """What is late stays so, and what would be late at once keeps the deadline it had.

    A breach is neither undone nor made by changing hours.
    """
    reason = DeadlineReason.TERMS if change.calendar_id is None else DeadlineReason.HOURS
    now = clock.now()
    still_due = Inquiry.objects.filter(state="open", due_at__gt=now, client__in=change.clients())
    related = still_due.select_related("client__calendar", "client__provider__calendar")
    moved = []
    for inquiry in related.select_for_update(of=("self",)).order_by("pk"):
        was_due_at, due_at = inquiry.due_at, deadline_of(inquiry)
        if due_at > now and due_at != was_due_at:
            inquiry.due_at = due_at
            moved.append(DeadlineChange(inquiry=inquiry, reason=reason, was_due_at=was_due_at, due_at=due_at))
    DeadlineChange.objects.bulk_create(moved, BATCH)
    Inquiry.objects.bulk_update([each.inquiry for each in moved], ["due_at"], BATCH)
    _tell(moved)
    return len(moved)


def deadline_of(inquiry: Inquiry) -> datetime:
    """By when it is owed as hours and target are now; a message by the client, a call-back by the service."""
    client = inquiry.client
    if inquiry.kind == InquiryKind.CALLBACK:
        return provider_deadline(client.provider, client.response_target, inquiry.received_at)
    return client_deadline(client, inquiry.received_at)


def _tell(moved: list[DeadlineChange]) -> None:
    if moved:
        hint_on_commit(agents_channel(), "inquiry")
    for client_id in {each.inquiry.client_id for each in moved}:
        hint_on_commit(client_channel(client_id), "inquiry")
