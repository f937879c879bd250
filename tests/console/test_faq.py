import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from calls.models import Call
from clients.models import Client, FaqEntry
from tests.cast import House, make_client, ring, talk
from tests.console.conftest import Console

MOST_QUERIES = 6


@pytest.fixture
def call(console: Console, house: House) -> Call:
    return talk(ring(house.line), house.agent)


def write(client: Client, question: str, answer: str = "Jā.", language: str = "lv") -> FaqEntry:
    return FaqEntry.objects.create(client=client, question=question, answer=answer, language=language)


def found(console: Console, call: Call, text: str) -> str:
    answer = console.get(f"calls/{call.public_id}/faq", q=text)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.parametrize(
    ("question", "language", "typed"),
    [
        ("Vai jābūt nosūtījumam?", "lv", "NOSUTIJ"),
        ("Kiek kainuoja grąžinimas į Šiaulius?", "lt", "siauli grazin"),
        ("Πόσο κοστίζει το ραντεβού;", "el", "ραντεβου ΠΟΣΟ"),
    ],
)
def test_an_entry_is_found_by_its_words_in_any_case_and_without_accents(
    console: Console, call: Call, question: str, language: str, typed: str
) -> None:
    write(call.client, question, language=language)
    write(call.client, "Kur ir stāvvieta?")
    assert question in found(console, call, typed)
    assert "stāvvieta" not in found(console, call, typed)


def test_the_line_s_language_and_what_is_asked_come_first(console: Console, call: Call) -> None:
    write(call.client, "Cena angliski", language="en")
    write(call.client, "Apmaksa", "Cena ir 50 €.")
    write(call.client, "Kāda ir cena?")
    html = found(console, call, "cena")
    assert html.index("Kāda ir cena?") < html.index("Apmaksa") < html.index("Cena angliski")


def test_nothing_found_says_what_to_do_and_nothing_typed_says_nothing(console: Console, call: Call) -> None:
    assert "Take a message" in found(console, call, "xyz")
    assert not found(console, call, "  ").strip()


def test_another_client_s_answers_are_never_found(console: Console, call: Call) -> None:
    write(make_client("Svešais"), "Kāda ir cena?")
    assert "Kāda ir cena?" not in found(console, call, "cena")


def test_wild_cards_and_markup_are_only_text(console: Console, call: Call) -> None:
    write(call.client, "Atlaide 50%", "<b>Jā</b>")
    assert "<b>" not in found(console, call, "50%")
    assert "Atlaide" not in found(console, call, "%_%")


def test_a_search_costs_the_same_however_many_entries_there_are(console: Console, call: Call) -> None:
    for number in range(60):
        write(call.client, f"Jautājums {number}")
    with CaptureQueriesContext(connection) as queries:
        found(console, call, "jautajums")
    assert len(queries) <= MOST_QUERIES
