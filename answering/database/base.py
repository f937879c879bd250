"""Django's backend for PostgreSQL with connections of our own (`ENGINE` is this package)."""

from types import ModuleType

import psycopg
from django.db.backends.postgresql import base

from answering.database.connection import Connection


def _driver() -> ModuleType:
    """Psycopg, but that it connects with connections of ours."""
    driver = ModuleType(psycopg.__name__)
    vars(driver).update(vars(psycopg), connect=Connection.connect)
    return driver


class DatabaseWrapper(base.DatabaseWrapper):
    """For connections without a pool; a pool is told by `connection_class` in the settings."""

    Database = _driver()
