"""Keyset pages of calls, newest first: a page costs the same however deep it is."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from calls.models import Call
from calls.querysets import CallQuerySet

PAGE_SIZE = 30


@dataclass(frozen=True, slots=True)
class CallPage:
    calls: Sequence[Call]
    newer: uuid.UUID | None
    older: uuid.UUID | None


def call_page(calls: CallQuerySet, *, before: str = "", after: str = "") -> CallPage:
    """Calls older than `before` or newer than `after` (public ids of calls in the list); the newest without either."""
    mark = _mark(calls, before or after)
    if mark is None:
        rows = list(calls.order_by("-started_at", "-id")[: PAGE_SIZE + 1])
        return _page(rows[:PAGE_SIZE], has_newer=False, has_older=len(rows) > PAGE_SIZE)
    if before:
        older = Q(started_at__lt=mark.started_at) | Q(started_at=mark.started_at, id__lt=mark.pk)
        rows = list(calls.filter(older).order_by("-started_at", "-id")[: PAGE_SIZE + 1])
        return _page(rows[:PAGE_SIZE], has_newer=True, has_older=len(rows) > PAGE_SIZE)
    newer = Q(started_at__gt=mark.started_at) | Q(started_at=mark.started_at, id__gt=mark.pk)
    rows = list(calls.filter(newer).order_by("started_at", "id")[: PAGE_SIZE + 1])
    return _page(rows[:PAGE_SIZE][::-1], has_newer=len(rows) > PAGE_SIZE, has_older=True)


def _mark(calls: CallQuerySet, public_id: str) -> Call | None:
    try:
        return calls.filter(public_id=uuid.UUID(public_id)).first()
    except ValueError:
        return None


def _page(rows: Sequence[Call], *, has_newer: bool, has_older: bool) -> CallPage:
    return CallPage(
        calls=rows,
        newer=rows[0].public_id if rows and has_newer else None,
        older=rows[-1].public_id if rows and has_older else None,
    )
