from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from answering.accounts.models import AgentLanguage, Clearance, Presence
from answering.console.people import people_of
from answering.console.workload import WAITING_SHOWN
from answering.lib import clock
from calls.models import Call, Caller, CallOffer, Disposition
from calls.services import close_call, end_call
from clients.models import Calendar, Contact
from clients.services.contacts import ContactFields, NumberFields, add_contact
from clients.services.rota import ShiftFields, add_rota, add_shifts
from inquiries.models import Inquiry, Urgency
from inquiries.services import MessageFields, take_message
from tests.cast import House, make_agent, make_calendar, make_client, make_line, publish_script, ring, said, talk
from tests.console.conftest import Console, lose, open_console_of

NUMBER = "+37126123456"
MOST_QUERIES = 16


def past_call(house: House, text: str = "") -> Call:
    call = talk(ring(house.line, number=NUMBER, name="Kristīne Ozoliņa"), house.agent)
    if text:
        fields = MessageFields("Kristīne Ozoliņa", NUMBER, text, Urgency.NORMAL, None)
        take_message(call, agent=house.agent, fields=fields)
    end_call(call.pk, agent=house.agent)
    return close_call(call.pk, agent=house.agent, disposition=Disposition.INFORMED)


def crowd(house: House) -> None:
    """Much of everything a board could grow with."""
    rota = add_rota(house.client, name="Reception")
    for number in range(30):
        contact = Contact.objects.create(client=house.client, name=f"Contact {number}", language="lv")
        add_shifts(rota, ShiftFields(contact, tuple(range(7)), clock.now().date(), 0, 1440))
    for number in range(8):
        past_call(house, f"Message {number}")


def queries_of(console: Console, **query: Any) -> int:
    console.board(**query)  # calendars are read once per process
    with CaptureQueriesContext(
        connection,
    ) as queries:
        console.board(**query)
    return len(queries)


@pytest.mark.django_db(transaction=True)
def test_the_board_costs_the_same_however_much_there_is(live_house: House) -> None:
    house, console = live_house, open_console_of(live_house.agent)
    crowd(house)
    for _ in range(5):
        lose(ring(house.line))
    assert queries_of(console) <= MOST_QUERIES
    past = past_call(house)
    assert queries_of(console, opened=past.public_id) <= MOST_QUERIES
    for number in range(20):
        ring(house.line, number=NUMBER, name=f"Caller {number}")
    assert 'data-kind="incoming"' in console.board()
    assert queries_of(console) <= MOST_QUERIES
    call = talk(Call.objects.waiting()[0], house.agent)
    assert queries_of(console) <= MOST_QUERIES
    end_call(call.pk, agent=house.agent)
    assert 'data-kind="wrap-up"' in console.board()
    assert queries_of(console, opened=call.public_id) <= MOST_QUERIES


def test_the_caller_is_recognised_with_history_and_note(console: Console, house: House) -> None:
    past_call(house, "Recepte Dr. Bērziņai")
    Caller.objects.update(note="Runāt lēni")
    ring(house.line, number=NUMBER)
    board = console.board()
    for expected in ("Kristīne Ozoliņa", "1 earlier call", "Recepte Dr. Bērziņai", "Open message, due", "Runāt lēni"):
        assert expected in board


def test_the_same_number_at_another_client_is_a_stranger(console: Console, house: House) -> None:
    past_call(house, "Recepte Dr. Bērziņai")
    other = make_client("Baltė")
    Clearance.objects.create(agent=house.agent, client=other)
    ring(make_line(other, language="lv"), number=NUMBER)
    board = console.board()
    assert "First call" in board
    assert "Recepte" not in board


def test_only_calls_that_this_agent_could_take_are_listed(console: Console, house: House) -> None:
    ring(make_line(make_client("Svešais")))
    ring(make_line(house.client, language="el"))
    board = console.board()
    assert "No caller is waiting." in board
    assert "Svešais" not in board


def test_a_call_back_is_listed_until_when_it_is_due(console: Console, house: House) -> None:
    inquiry = lose(ring(house.line, name="Jānis Liepiņš"))
    board = console.board()
    assert "Jānis Liepiņš" in board
    assert f"/console/inquiries/{inquiry.public_id}/answer" in board
    assert "late" not in board
    Inquiry.objects.update(due_at=clock.now() - timedelta(minutes=5))
    assert "was due" in console.board()


def test_people_on_duty_come_first_and_touching_shifts_are_one(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    noon = datetime(2026, 11, 24, 12, tzinfo=ZoneInfo("Europe/Riga"))
    monkeypatch.setattr(clock, "now", lambda: noon)
    away = Contact.objects.get(client=house.client)
    anna = add_contact(house.client, ContactFields("Zane Ābola", "lv"))
    rota = add_rota(house.client, name="Reception")
    for contact, from_hour, to_hour in ((anna, 9, 14), (anna, 14, 17), (anna, 21, 23), (away, 21, 24)):
        add_shifts(rota, ShiftFields(contact, (1,), noon.date(), from_hour * 60, to_hour * 60))
    gone = add_contact(house.client, ContactFields("Aija Gone", "lv"))
    add_shifts(rota, ShiftFields(gone, (1,), noon.date(), 8 * 60, 20 * 60))
    Contact.objects.filter(pk=gone.pk).update(left_at=noon)
    people = people_of(house.client)
    assert [(person.contact, person.until, person.back_at) for person in people] == [
        (anna, noon.replace(hour=17), None),
        (away, None, noon.replace(hour=21)),
    ]


def test_hours_of_their_own_make_people_reachable_and_numbers_stand_in_order(console: Console, house: House) -> None:
    always, never = make_calendar(), Calendar.objects.create(name="Never", time_zone="Europe/Riga")
    numbers = (NumberFields("+37129123456", "mobile"), NumberFields("+37167000002", "office"))
    there = add_contact(house.client, ContactFields("Always", "lv", calendar=always, numbers=numbers))
    away = add_contact(house.client, ContactFields("Never", "lv", calendar=never))
    people = {person.contact: person for person in people_of(house.client)}
    assert (people[there].is_on_duty, people[there].until) == (True, None)
    assert (people[away].is_on_duty, people[away].back_at) == (False, None)
    talk(ring(house.line), house.agent)
    board = console.board()
    assert board.index("+371 29 123 456") < board.index("+371 67 000 002")


@pytest.mark.django_db
def test_people_cost_the_same_however_many_there_are(
    house: House, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    for number in range(40):
        fields = ContactFields(f"P{number}", "lv", calendar=make_calendar(), numbers=(NumberFields("+37129123456"),))
        add_contact(house.client, fields)
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        people_of(house.client)  # the calendars of all are read now
    with django_assert_max_num_queries(2):  # type: ignore[operator]
        people_of(house.client)


def test_nothing_is_offered_on_a_break(console: Console, house: House) -> None:
    ring(house.line)
    assert 'data-kind="incoming"' in console.board()
    console.post("presence", {"presence": Presence.BREAK})
    board = console.board()
    assert 'data-kind="idle"' in board
    assert "You are on a break" in board


def test_no_other_call_takes_the_centre_during_a_call_or_its_wrap_up(console: Console, house: House) -> None:
    first, second = ring(house.line), ring(house.line, number="+37126999999")
    assert str(first.public_id) in console.board()
    console.on(second, "claim")
    assert f'data-call="{second.public_id}"' in console.board()
    console.on(second, "close", disposition="spam")
    assert 'data-kind="incoming"' in console.board()


def test_an_offer_is_found_behind_a_long_queue(console: Console, house: House) -> None:
    console.post("presence", {"presence": Presence.BREAK})
    for number in range(WAITING_SHOWN + 2):
        call = ring(house.line, number=f"+371261234{number:02d}")
    console.post("presence", {"presence": Presence.AVAILABLE})
    CallOffer.objects.exclude(call=call).delete()
    board = console.board()
    assert 'data-kind="incoming"' in board
    assert f'data-call="{call.public_id}" data-state="queued"' in board


def test_the_script_of_the_call_stays_when_a_new_one_is_published(console: Console, house: House) -> None:
    call = ring(house.line)
    publish_script(house.line.script, said("lv", "Jauns {nonsense}", words="Solis"))
    assert "Kā varu palīdzēt?" not in console.board()  # steps come with the call
    console.on(call, "claim")
    assert "Kā varu palīdzēt?" in console.board()
    console.on(call, "end")
    ring(house.line, number="+37126999999")
    board = console.board()
    assert '<span class="blank blank-unknown"' in board
    assert "{nonsense}" in board


def test_what_callers_and_clients_write_is_text_and_not_markup(console: Console, house: House) -> None:
    house.client.name = "<b>Sirds</b>"
    house.client.save()
    ring(house.line, name="<script>alert(1)</script>")
    board = console.board()
    assert "<script>" not in board
    assert "<b>Sirds" not in board


def test_a_number_withheld_says_so(console: Console, house: House) -> None:
    ring(house.line, number="")
    assert "Number withheld" in console.board()


def test_the_words_are_in_the_agent_s_language_and_the_greeting_in_the_line_s(console: Console, house: House) -> None:
    line = make_line(house.client, language="el")
    AgentLanguage.objects.create(agent=house.agent, language="el")
    ring(line)
    assert 'lang="el"' in console.board()


def test_a_free_agent_s_offer_does_not_show_on_a_colleague_s_board(house: House) -> None:
    colleague = open_console_of(make_agent("Ilze Krūma", clients=(house.client,)))
    house.agent.refresh_from_db()
    ring(house.line)  # offered to whoever is longest idle
    boards = [open_console_of(house.agent).board(), colleague.board()]
    assert sorted('data-kind="incoming"' in board for board in boards) == [False, True]
