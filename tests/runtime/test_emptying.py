"""What a test with real commits leaves to the next one."""

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from psycopg import sql

from calls.models import Call, CallEvent
from clients.models import Client
from tests.cast import House, ring, talk
from tests.emptying import KEPT, empty_database


def filled_tables() -> set[str]:
    return {name for name in connection.introspection.django_table_names(include_views=False) if is_filled(name)}


def is_filled(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(table)))
        return bool(cursor.fetchone()[0])


def test_nothing_is_left_but_what_the_migrations_made(live_house: House) -> None:
    permissions, kinds = Permission.objects.count(), ContentType.objects.count()
    talk(ring(live_house.line), live_house.agent)
    assert Call.objects.exists()
    assert CallEvent.objects.exists()  # which nobody may delete
    empty_database()
    assert filled_tables() == KEPT
    assert (Permission.objects.count(), ContentType.objects.count()) == (permissions, kinds)
    assert permissions > 0
    assert kinds > 0


def test_the_next_test_finds_an_empty_house(transactional_db: None) -> None:
    assert not Client.objects.exists()


def test_an_empty_database_may_be_emptied(transactional_db: None) -> None:
    empty_database()
    assert filled_tables() == KEPT
