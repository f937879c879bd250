from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from psycopg_pool import ConnectionPool, PoolTimeout

from answering.runtime.postgres import PostgresServer
from tests.servers import dedicated_postgres
from tests.waiting import wait_until

FAILURES = 12  # by then a pool that doubles its pauses would be in one of half a minute

Pool = ConnectionPool[psycopg.Connection]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PostgresServer]:
    with dedicated_postgres(tmp_path) as running:
        yield running


@pytest.fixture
def pool(server: PostgresServer) -> Iterator[Pool]:
    """The pool that each of our processes has, as Django makes it."""
    options = settings.DATABASES["default"]["OPTIONS"]["pool"]
    with ConnectionPool(server.url, check=ConnectionPool.check_connection, **options) as opened:
        yield opened


def answers(pool: Pool) -> bool:
    try:
        with pool.connection() as connection:
            connection.execute("SELECT 1")
    except (psycopg.OperationalError, PoolTimeout):
        return False
    return True


def test_a_database_that_was_long_away_is_used_as_soon_as_it_is_back(server: PostgresServer, pool: Pool) -> None:
    assert answers(pool)
    server.stop()
    wait_until(lambda: not answers(pool) and pool.get_stats().get("connections_errors", 0) >= FAILURES, 60)
    server.start()
    wait_until(lambda: answers(pool), 15)
