from itertools import count
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from calls.models import Call, ScriptAnswer
from calls.services import end_call
from clients.models import Client, Handling, Line
from clients.scripts import Act, AnswerType, Ask, Choice, Say, ScriptDefinition
from tests.cast import House, make_agent, publish_script, ring, talk
from tests.console.conftest import Console, open_console_of

MOST_QUERIES = 12
revisions = count(100)
CLINIC = ScriptDefinition(
    {"lv": "Labdien!"},
    (
        Say("hello", {"lv": "Paldies par zvanu, {caller.name}."}),
        Ask(
            "topic",
            "Iemesls",
            {"lv": "Par ko zvanāt?"},
            AnswerType.CHOICE,
            True,
            (Choice("visit", {"lv": "Pieraksts"}, "day"), Choice("other", {"lv": "Cits"}, "note")),
        ),
        Ask("day", "Diena", {"lv": "Kurā dienā, {caller.name}?"}, AnswerType.DATE, True),
        Ask("note", "Piezīme", {"lv": "Vai vēl kas?"}),
        Act("write", "message", {"lv": "Pierakstiet ziņu."}),
        Act("finish", "end"),
    ),
)


@pytest.fixture
def call(console: Console, house: House) -> Call:
    publish_script(house.line.script, CLINIC)
    return talk(ring(house.line, name="Kristīne Ozoliņa"), house.agent)


def answer(console: Console, call: Call, step: str, given: str = "", **fields: Any) -> Any:
    revision = fields.pop("revision", next(revisions))
    return console.on(call, "script", step=step, answer=given, revision=revision, **fields)


def kept() -> dict[str, str]:
    return {each.step_key: each.value for each in ScriptAnswer.objects.filter(is_given=True, is_on_way=True)}


def test_the_first_question_comes_with_the_call_and_an_answer_leads_on(console: Console, call: Call) -> None:
    board = console.board()
    assert "Par ko zvanāt?" in board
    assert 'data-key="2"' in board
    panel = answer(console, call, "topic", "visit", caller_name="Kristīne").content.decode()
    assert "Kurā dienā, " in panel
    assert "Kristīne" in panel
    assert "Pieraksts" in panel
    assert kept() == {"topic": "visit"}


def test_an_answer_is_kept_with_its_question_as_it_was_asked(console: Console, call: Call) -> None:
    answer(console, call, "topic", "visit")
    answer(console, call, "day", "24.12.2026", caller_name="Kristīne")
    day = ScriptAnswer.objects.get(step_key="day")
    assert (day.question, day.value, day.client) == ("Kurā dienā, Kristīne?", "2026-12-24", call.client)


def test_an_answer_that_does_not_fit_is_told_and_shown_as_typed(console: Console, call: Call) -> None:
    answer(console, call, "topic", "visit")
    refusal = answer(console, call, "day", "rīt")
    assert refusal.status_code == 422
    assert "There is no such date" in refusal.content.decode()
    assert 'value="rīt"' in refusal.content.decode()
    assert "day" not in kept()


def test_what_is_required_cannot_be_skipped_and_the_rest_can(console: Console, call: Call) -> None:
    assert answer(console, call, "topic").status_code == 422
    answer(console, call, "topic", "other")
    assert answer(console, call, "note").status_code == 200
    assert kept() == {"topic": "other", "note": ""}


def test_a_changed_answer_leads_another_way_and_the_old_way_counts_no_more(console: Console, call: Call) -> None:
    answer(console, call, "topic", "visit")
    answer(console, call, "day", "24.12.2026")
    panel = answer(console, call, "topic", "other").content.decode()
    assert "Vai vēl kas?" in panel
    assert kept() == {"topic": "other"}
    answer(console, call, "topic", "visit")
    assert kept() == {"topic": "visit", "day": "2026-12-24"}


def test_a_late_save_does_not_replace_a_newer_answer(console: Console, call: Call) -> None:
    answer(console, call, "topic", "visit", revision=7)
    answer(console, call, "topic", "other", revision=6)
    assert kept() == {"topic": "visit"}


def test_what_is_half_typed_survives_a_reload_and_decides_nothing(console: Console, call: Call) -> None:
    answer(console, call, "topic", "other")
    assert answer(console, call, "note", "ratiņ", is_typing="on").status_code == 204
    board = console.board()
    assert 'value="ratiņ"' in board
    assert "Vai vēl kas?" in board
    answer(console, call, "note", "ratiņkrēsls")
    answer(console, call, "note", "x", is_typing="on")
    assert kept()["note"] == "ratiņkrēsls"


def test_the_actions_of_a_script_open_the_form_and_end_the_call(console: Console, call: Call) -> None:
    answer(console, call, "topic", "other")
    panel = answer(console, call, "note").content.decode()
    assert 'data-action="write"' in panel
    panel = answer(console, call, "write", "done").content.decode()
    assert 'data-action="end"' in panel


def test_answers_found_by_what_was_said_in_any_case_and_without_accents(console: Console, call: Call) -> None:
    answer(console, call, "topic", "other")
    answer(console, call, "note", "Ķirurģija")
    assert [each.step_key for each in ScriptAnswer.objects.saying("kirurgija")] == ["note"]


def test_after_the_call_answers_can_still_be_put_right(console: Console, house: House, call: Call) -> None:
    answer(console, call, "topic", "visit")
    end_call(call.pk, agent=house.agent)
    assert "Kurā dienā" in console.board()
    answer(console, call, "day", "24.12.2026")
    assert kept()["day"] == "2026-12-24"


def test_nobody_answers_in_a_colleague_s_call_and_a_stranger_finds_nothing(call: Call, house: House) -> None:
    colleague = open_console_of(make_agent("Ilze Krūma", clients=(house.client,)))
    assert answer(colleague, call, "topic", "visit").status_code == 409
    stranger = open_console_of(make_agent("Juris Svešais"))
    assert answer(stranger, call, "topic", "visit").status_code == 404
    assert not kept()


def test_a_step_that_the_script_does_not_have_is_refused(console: Console, call: Call) -> None:
    for step in ("hello", "gone"):
        assert answer(console, call, step, "x").status_code == 409


def test_a_call_goes_on_with_its_own_script_when_another_is_published(console: Console, call: Call) -> None:
    publish_script(call.line.script, ScriptDefinition({"lv": "Sveiki!"}, (Act("finish", "end"),)))
    assert answer(console, call, "topic", "visit").status_code == 200


def test_manners_are_shown_unless_the_client_does_without(console: Console, call: Call) -> None:
    assert "Sound glad of the call" in console.board()
    answer(console, call, "topic", "visit")
    assert "use it now and then" in console.board()
    Client.objects.update(shows_etiquette=False)
    assert "use it now and then" not in console.board()


def test_what_callers_answer_is_text_and_not_markup(console: Console, call: Call) -> None:
    answer(console, call, "topic", "other")
    panel = answer(console, call, "note", "<b>x</b>").content.decode()
    assert "<b>x" not in panel


@pytest.mark.django_db(transaction=True)
def test_an_answer_costs_the_same_however_long_the_script(live_house: House) -> None:
    house, console = live_house, open_console_of(live_house.agent)
    asks = tuple(Ask(f"ask_{place}", "Kas", {"lv": "Kas?"}) for place in range(60))
    publish_script(house.line.script, ScriptDefinition({"lv": "Labdien!"}, (*asks, Act("finish", "end"))))
    call = talk(ring(house.line), house.agent)
    for place in range(40):
        with CaptureQueriesContext(connection) as queries:
            assert answer(console, call, f"ask_{place}", "x").status_code == 200
        assert len(queries) <= MOST_QUERIES


def test_a_line_that_is_never_open_and_answered_all_the_same_shows_call_and_script(
    console: Console, house: House
) -> None:
    house.line.calendar.intervals.all().delete()
    Line.objects.update(after_hours=Handling.ANSWER)
    publish_script(house.line.script, CLINIC)
    talk(ring(house.line), house.agent)
    board = console.board()
    assert "Par ko zvanāt?" in board
    assert "Out of hours" in board
