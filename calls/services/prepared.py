"""Statements of the hot path, built once per process and planned once per connection.

Building a query with sub-queries takes Django longer than PostgreSQL takes to answer it (4 ms against 1), and planning
it takes PostgreSQL longer than to carry it out.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

import psycopg
import psycopg.sql
from django.db import NotSupportedError, connection
from django.db.models import QuerySet


def execute_prepared(sql: str, params: Sequence[object]) -> list[tuple[Any, ...]]:
    """The rows that the statement gives; PostgreSQL keeps its plan. Errors are Django's."""
    try:
        return _execute(sql, params)
    except NotSupportedError:  # a migration has changed the type of a column since the plan was made
        if connection.in_atomic_block:
            raise
        connection.connection.close()  # with its plans; Django would give it back to the pool
        connection.close()
        return _execute(sql, params)


def _execute(sql: str, params: Sequence[object]) -> list[tuple[Any, ...]]:
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.RawCursor(connection.connection) as cursor:
        cursor.execute(numbered(sql), params, prepare=True)
        return cursor.fetchall()


@cache
def numbered(sql: str) -> str:
    """The statement with PostgreSQL's own marks in place of %s.

    Psycopg would read one with more than 50 values anew each time.
    """
    first, *others = sql.split("%s")
    return first + "".join(f"${number}{part}" for number, part in enumerate(others, 1))


class Prepared:
    """A query whose statement is kept; `make` builds it with marks in place of values.

    A mark is a value that occurs nowhere else in the query, of the type of what will take its place.
    """

    def __init__(self, make: Callable[[], "QuerySet[Any, Any]"], marks: Mapping[str, object]) -> None:
        self._make = make
        self._names = {mark: name for name, mark in marks.items()}
        self._statement: tuple[str, tuple[object, ...]] | None = None

    def rows(self, **values: object) -> list[tuple[Any, ...]]:
        """The rows of the query with these values, as the database gives them; one statement."""
        return execute_prepared(*self.part(**values))

    def part(self, **values: object) -> tuple[str, list[object]]:
        """The statement and its values, to be part of another."""
        sql, marks = self._statement or self._compile()
        return sql, [values[self._names[mark]] for mark in marks]

    def _compile(self) -> tuple[str, tuple[object, ...]]:
        """Only marks stay open. What is always the same is written out, so that partial indexes fit."""
        sql, params = self._make().query.sql_with_params()
        missing = set(self._names) - set(params)
        if missing:
            raise ValueError(f"The query has no place for {sorted(self._names[mark] for mark in missing)}.")
        pieces = sql.split("%s")
        for place, value in enumerate(params):
            pieces[place] += "%s" if value in self._names else psycopg.sql.Literal(value).as_string(None)
        self._statement = "".join(pieces), tuple(value for value in params if value in self._names)
        return self._statement


# Marks: a number that no row has, a text that nobody types, a moment before all.
MARK_NUMBER = -(2**60)
MARK_TEXT = "\x7fmark"
MARK_MOMENT = datetime(1, 1, 2, tzinfo=UTC)
