"""What a new call's routing decision costs this process, and what the console's panel of a call costs.

Own time is the processor's time of the thread that decides, so that waiting for PostgreSQL is not in it. Baselines: the
same connection answering SELECT 1, and the panel of a client with one contact and no answers. `python -m bench.routing`
"""

import os
import time
import uuid
from collections.abc import Callable
from statistics import median, quantiles
from typing import TYPE_CHECKING

import django
from django.core.management import call_command
from django.db import connection

from bench.figures import show
from tests.servers import prepare_environment

if TYPE_CHECKING:
    from tests.cast import House
    from tests.console.conftest import Console

TIMES, GOAL_MS, GOAL_QUERIES = 200, 5, 12
CONTACTS, ENTRIES = 200, 5_000


def run() -> list[tuple[str, str]]:
    """Measure and print; needs about half a minute."""
    os.environ |= {"DJANGO_SETTINGS_MODULE": "bench.settings", "DEBUG": "on"}
    prepare_environment()
    django.setup()
    call_command("migrate", verbosity=0)
    figures = [*_of_routing(), *_of_panel()]
    show(figures)
    return figures


def _of_routing() -> list[tuple[str, str]]:
    from tests.cast import make_agent, make_house

    house = make_house()
    for number in range(20):
        make_agent(f"Agent {number}", clients=(house.client,))
    with connection.cursor() as cursor:
        plain = _own_ms(lambda: cursor.execute("SELECT 1"))
    decided = _own_ms(lambda: _arrive(house))
    return [
        ("routing: SELECT 1, own time p50", f"{median(plain):.2f} ms"),
        ("routing: a new call, own time p50", f"{median(decided):.2f} ms"),
        (f"routing: the same, p95 (goal {GOAL_MS} ms)", f"{quantiles(decided, n=20)[-1]:.2f} ms"),
    ]


def _arrive(house: "House") -> None:
    from answering.lib import clock
    from calls.carriers.base import InboundCall
    from calls.services import receive_call

    key = f"browser:{uuid.uuid4()}:inbound"
    receive_call(InboundCall("browser", key, house.line.slug, clock.now(), caller_number="+37126123456"))


def _of_panel() -> list[tuple[str, str]]:
    from tests.cast import make_house, ring, talk
    from tests.console.conftest import open_console_of

    house = make_house()
    console = open_console_of(house.agent)
    empty = _queries(console)
    talk(ring(house.line), house.agent)
    small = _panel(console, "panel: 1 contact, no answers", empty)
    _crowd(house)
    return [*small, *_panel(console, f"panel: {CONTACTS} contacts, {ENTRIES:,} answers", empty)]


def _panel(console: "Console", name: str, empty: int) -> list[tuple[str, str]]:
    """What the request of the board costs; of its queries only those that a board without a call does not need."""
    console.board()  # calendars are read once by each process
    asked = _queries(console) - empty
    taken = _own_ms(console.board)
    return [
        (f"{name}, queries (goal {GOAL_QUERIES})", str(asked)),
        (f"{name}, own time p50", f"{median(taken):.1f} ms"),
    ]


def _queries(console: "Console") -> int:
    """How many statements the board costs; counted here, since Django's own log has a longest length."""
    asked = 0

    def count(execute: Callable[..., object], *statement: object) -> object:
        nonlocal asked
        asked += 1
        return execute(*statement)

    with connection.execute_wrapper(count):
        console.board()
    return asked


def _crowd(house: "House") -> None:
    from clients.models import Contact, FaqEntry

    for number in range(CONTACTS):
        Contact.objects.create(client=house.client, name=f"Contact {number}", language="lv")
    entries = [FaqEntry(client=house.client, language="lv", question=f"Answer {number}") for number in range(ENTRIES)]
    for entry in entries:
        entry.set_keys()
    FaqEntry.objects.bulk_create(entries)


def _own_ms(act: Callable[[], object]) -> list[float]:
    """The processor's milliseconds of this thread for each of many times."""
    taken = []
    for _ in range(TIMES):
        began = time.thread_time()
        act()
        taken.append((time.thread_time() - began) * 1000)
    return taken


if __name__ == "__main__":
    run()
