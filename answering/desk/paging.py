"""Keyset pages of lists that are sorted by name: a page costs the same however deep it is."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

PAGE_SIZE = 40
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class NamePage(Generic[M]):
    """Rows in the order of their names; `before` and `after` are marks of the neighbouring pages, None without one."""

    rows: Sequence[M]
    before: uuid.UUID | None
    after: uuid.UUID | None


def page_by_name(found: QuerySet[M], *, before: str = "", after: str = "") -> NamePage[M]:
    """The page that follows or precedes a mark (a `public_id` of the list), else the first.

    For models with `sort_key` and `public_id`; two queries.
    """
    mark: Any = _mark(found, after or before)
    if mark is None:
        rows = list(found.order_by("sort_key", "pk")[: PAGE_SIZE + 1])
        return _page(rows[:PAGE_SIZE], has_before=False, has_after=len(rows) > PAGE_SIZE)
    if after:
        later = Q(sort_key__gt=mark.sort_key) | Q(sort_key=mark.sort_key, pk__gt=mark.pk)
        rows = list(found.filter(later).order_by("sort_key", "pk")[: PAGE_SIZE + 1])
        return _page(rows[:PAGE_SIZE], has_before=True, has_after=len(rows) > PAGE_SIZE)
    earlier = Q(sort_key__lt=mark.sort_key) | Q(sort_key=mark.sort_key, pk__lt=mark.pk)
    rows = list(found.filter(earlier).order_by("-sort_key", "-pk")[: PAGE_SIZE + 1])
    return _page(rows[:PAGE_SIZE][::-1], has_before=len(rows) > PAGE_SIZE, has_after=True)


def _mark(found: QuerySet[M], public_id: str) -> M | None:
    try:
        return found.filter(public_id=uuid.UUID(public_id)).first()
    except ValueError:
        return None


def _page(rows: Sequence[Any], *, has_before: bool, has_after: bool) -> NamePage[Any]:
    return NamePage(
        rows=rows,
        before=rows[0].public_id if rows and has_before else None,
        after=rows[-1].public_id if rows and has_after else None,
    )
