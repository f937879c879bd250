"""Keyset pages, newest first: a page costs the same however deep it is."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

PAGE_SIZE = 30

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """`newer` and `older` are the public ids from which the pages beside this one begin; None where there is none."""

    rows: Sequence[Row]
    newer: uuid.UUID | None
    older: uuid.UUID | None


def newest_first(rows: "QuerySet[Row]", moment: str, *, before: str = "", after: str = "") -> Page[Row]:
    """Rows older than `before` or newer than `after` (public ids of rows in the list); the newest without either.

    `moment` names the field that they are ordered by.
    """
    mark = _mark(rows, before or after)
    if mark is None:
        found = list(rows.order_by(f"-{moment}", "-id")[: PAGE_SIZE + 1])
        return _page(found[:PAGE_SIZE], has_newer=False, has_older=len(found) > PAGE_SIZE)
    if before:
        found = list(rows.filter(_beyond(mark, moment, "lt")).order_by(f"-{moment}", "-id")[: PAGE_SIZE + 1])
        return _page(found[:PAGE_SIZE], has_newer=True, has_older=len(found) > PAGE_SIZE)
    found = list(rows.filter(_beyond(mark, moment, "gt")).order_by(moment, "id")[: PAGE_SIZE + 1])
    return _page(found[:PAGE_SIZE][::-1], has_newer=len(found) > PAGE_SIZE, has_older=True)


def _beyond(mark: Model, moment: str, how: str) -> Q:
    at = getattr(mark, moment)
    return Q(**{f"{moment}__{how}": at}) | Q(**{moment: at, f"id__{how}": mark.pk})


def _mark(rows: "QuerySet[Row]", public_id: str) -> Row | None:
    try:
        return rows.filter(public_id=uuid.UUID(public_id)).first()
    except ValueError:
        return None


def _page(rows: Sequence[Any], *, has_newer: bool, has_older: bool) -> Page[Any]:
    return Page(
        rows=rows,
        newer=rows[0].public_id if rows and has_newer else None,
        older=rows[-1].public_id if rows and has_older else None,
    )
