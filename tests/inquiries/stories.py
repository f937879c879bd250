"""What happens in a call before these tests begin."""

import threading
from collections.abc import Callable
from datetime import timedelta

from django.db import connection

from calls.models import Call
from calls.services import caller_hung_up
from clients.models import Contact
from inquiries.models import Urgency
from inquiries.services import MessageFields
from tests.cast import House, ring


def fields(text: str = "Lūdzu pārcelt vizīti.", contact: Contact | None = None, **others: str) -> MessageFields:
    values = {"caller_name": "Kristīne Ozoliņa", "caller_number": "+37126123456"} | others
    return MessageFields(values["caller_name"], values["caller_number"], text, Urgency.NORMAL, contact)


def lose_a_call(house: House, *, number: str = "+37126123456") -> Call:
    """A caller hangs up while waiting."""
    return caller_hung_up(ring(house.line, number=number), key="bye", ago=timedelta(0))


def at_once(work: Callable[[], object], times: int) -> list[object]:
    """Results (or errors) of the same work begun in several threads at the same moment, each with its connection."""
    start, results = threading.Barrier(times), list[object]()

    def run() -> None:
        start.wait(10)
        try:
            results.append(work())
        except Exception as error:  # noqa: BLE001 - the test looks at it
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results
