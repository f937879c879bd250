"""Statements whose plan a connection keeps."""

import pytest
from django.db import connection

from calls.services.prepared import execute_prepared, numbered


def carry_out(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.django_db(transaction=True)
def test_a_plan_that_a_migration_has_made_void_is_made_again() -> None:
    carry_out("CREATE TABLE planned AS SELECT 7 AS number")
    try:
        assert [execute_prepared("SELECT number FROM planned", []) for _time in range(2)] == [[(7,)]] * 2
        carry_out("ALTER TABLE planned ALTER number TYPE text")
        assert execute_prepared("SELECT number FROM planned", []) == [("7",)]
    finally:
        carry_out("DROP TABLE planned")


@pytest.mark.django_db
def test_values_stand_where_their_marks_are_however_many() -> None:
    marks = ", ".join(["%s::int"] * 60)
    assert numbered("SELECT %s, %s") == "SELECT $1, $2"
    assert execute_prepared(f"SELECT {marks}", list(range(60))) == [tuple(range(60))]
