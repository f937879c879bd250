"""A thread that has said how long it waits for the database is let go in time, and the next one is served."""

import time
from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection, connections

from answering.database.connection import Connection, answered_within

pytestmark = pytest.mark.django_db(transaction=True)

LONG = "SELECT pg_sleep(60)"


STILL_ASLEEP = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'"


@pytest.fixture(autouse=True)
def _nobody_left_behind() -> Iterator[None]:
    """The server goes on with what was given up, and would not let the test's database go."""
    yield
    connections.close_all()
    run(STILL_ASLEEP)


def run(sql: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def ask_again_and_again() -> None:
    began = time.monotonic()
    while time.monotonic() < began + 60:
        run("SELECT 1")


def test_a_statement_is_given_up_when_the_time_is_over() -> None:
    with answered_within(0.2), pytest.raises(OperationalError):
        run(LONG)


def test_the_time_is_that_of_all_statements_together() -> None:
    with answered_within(0.2), pytest.raises(OperationalError):
        ask_again_and_again()


def test_what_is_left_of_a_connection_is_thrown_away_and_the_next_one_is_good() -> None:
    with answered_within(0.2), pytest.raises(OperationalError):
        run(LONG)
    assert connection.connection.closed
    connections.close_all()
    assert run("SELECT 7") == 7


def test_the_next_statement_after_one_that_was_given_up_has_a_connection_of_its_own() -> None:
    with answered_within(0.2), pytest.raises(OperationalError):
        run(LONG)
    assert run("SELECT 7") == 7


def test_outside_of_it_nothing_is_given_up() -> None:
    with answered_within(0.05):
        pass
    assert run("SELECT 7 FROM pg_sleep(0.1)") == 7


def test_a_shorter_time_inside_a_longer_one_ends_alone() -> None:
    with answered_within(60):
        with answered_within(0.1), pytest.raises(OperationalError):
            run(LONG)
        connections.close_all()
        assert run("SELECT 7") == 7


def test_connections_of_the_pool_and_those_without_one_are_ours() -> None:
    run("SELECT 1")
    assert isinstance(connection.connection, Connection)
    alone = connection.copy()
    alone.settings_dict = {**alone.settings_dict, "OPTIONS": {**alone.settings_dict["OPTIONS"], "pool": None}}
    try:
        alone.connect()
        assert isinstance(alone.connection, Connection)
    finally:
        alone.close()
