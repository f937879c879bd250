"""Emptying the database after a test with real commits, several times a second rather than three times in one.

Django's own `flush` truncates every table and makes content types and permissions anew. Here only tables that have
rows are truncated, and those two stay as the migrations have left them.
"""

from django.db import connection
from psycopg import sql

KEPT = {"django_content_type", "auth_permission"}


def empty_database() -> None:
    """Take away every row that a test can have committed. Needs that no transaction is open anywhere."""
    names = set(connection.introspection.django_table_names(include_views=False)) - KEPT
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(" UNION ALL ").join(map(_name_if_filled, sorted(names))))
        filled = [sql.Identifier(name) for (name,) in cursor.fetchall()]
        if filled:
            cursor.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.SQL(", ").join(filled)))


def _name_if_filled(table: str) -> sql.Composed:
    return sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(sql.Literal(table), sql.Identifier(table))
