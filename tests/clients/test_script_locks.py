"""Several scripts are locked in the order of their keys, so that nobody waits in a circle."""

from collections.abc import Callable
from threading import Thread

import pytest
from django.db import connection, transaction

from clients.models import Contact, Line, Script
from clients.services.contacts import ContactFields, add_contact
from clients.services.naming import rename_in_texts
from tests.cast import House
from tests.inquiries.test_changed_hours import somebody_waits
from tests.waiting import wait_until


def save_line(line: Line, leaver: Contact, successor: Contact) -> None:
    line.save()


def rename(line: Line, leaver: Contact, successor: Contact) -> None:
    with transaction.atomic():
        rename_in_texts(leaver, successor)


@pytest.mark.parametrize("act", [save_line, rename])
def test_whoever_waits_for_a_script_holds_no_later_one(
    live_house: House, act: Callable[[Line, Contact, Contact], None]
) -> None:
    line, client = live_house.line, live_house.client
    successor = add_contact(client, ContactFields("Jānis", "lv"))
    last = line.script
    # Neither its row in the table nor its name stands before the other's.
    first = Script.objects.create(pk=last.pk - 1, client=client, name=f"{last.name} too")
    line.notice_script = first

    def act_and_leave() -> None:
        act(line, client.contacts.get(is_default=True), successor)
        connection.close()

    other = Thread(target=act_and_leave)
    with transaction.atomic():
        Script.objects.select_for_update().get(pk=first.pk)
        other.start()
        assert wait_until(somebody_waits, 10)
        Script.objects.select_for_update(nowait=True).get(pk=last.pk)
    other.join(10)
