"""A client's 5,000 questions and answers found by what an agent types: beginnings of one to three words.

Baseline: the same connection answering SELECT 1. `python -m bench.faq`
"""

import os
import random
import time
from collections.abc import Callable
from statistics import median, quantiles
from typing import TYPE_CHECKING

import django
from django.core.management import call_command
from django.db import connection

from bench.figures import show
from tests.servers import prepare_environment

if TYPE_CHECKING:
    from clients.models import Client, FaqEntry

ENTRIES, SEARCHES, GOAL_MS = 5_000, 400, 50
WORDS = (
    "pieraksts vizīte ārsts recepte sąskaita grąžinimas pristatymas užsakymas ραντεβού συνταγή προθεσμία δικηγόρος",
    "analīzes nosūtījums cena darba laiks stāvvieta adrese kaina pinigai διεύθυνση ώρες τιμή αποτελέσματα ķirurģija",
)


def run() -> list[tuple[str, str]]:
    """Measure and print; needs a few seconds."""
    os.environ |= {"DJANGO_SETTINGS_MODULE": "bench.settings", "DEBUG": "on"}
    prepare_environment()
    django.setup()
    call_command("migrate", verbosity=0)
    figures = _measure(random.Random(4))
    show(figures)
    return figures


def _measure(rng: random.Random) -> list[tuple[str, str]]:
    from tests.cast import make_client

    client, words = make_client(), " ".join(WORDS).split()
    client.faq.bulk_create(_entry(client, words, rng) for _ in range(ENTRIES))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE clients_faqentry")
        plain = _taken(lambda: cursor.execute("SELECT 1"))
    searched = _taken(lambda: list(client.faq.best_for(_typed(words, rng), "lv")[:6]))
    return [
        ("faq: SELECT 1, p50", f"{median(plain):.2f} ms"),
        (f"faq: search of {ENTRIES:,} entries, p50", f"{median(searched):.1f} ms"),
        (f"faq: the same, p95 (goal {GOAL_MS} ms)", f"{quantiles(searched, n=20)[-1]:.1f} ms"),
    ]


def _entry(client: "Client", words: list[str], rng: random.Random) -> "FaqEntry":
    from clients.models import FaqEntry

    entry = FaqEntry(client=client, language=rng.choice(("lv", "lt", "el")))
    entry.question, entry.answer = " ".join(rng.choices(words, k=8)), " ".join(rng.choices(words, k=60))
    entry.set_keys()
    return entry


def _typed(words: list[str], rng: random.Random) -> str:
    return " ".join(word[: rng.randint(2, len(word))] for word in rng.choices(words, k=rng.randint(1, 3)))


def _taken(act: Callable[[], object]) -> list[float]:
    """How many milliseconds each of many times took."""
    taken = []
    for _ in range(SEARCHES):
        began = time.perf_counter()
        act()
        taken.append((time.perf_counter() - began) * 1000)
    return taken


if __name__ == "__main__":
    run()
