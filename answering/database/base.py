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

    def ensure_connection(self) -> None:
        """One that was given up, or that the server has ended, is replaced; in a transaction it cannot be."""
        if self.connection is not None and self.connection.closed and not self.in_atomic_block:
            self.close()
        super().ensure_connection()
