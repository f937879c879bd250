"""What an agent says of the caller during the call: changed, named, written down; two at once, strangers, bad input."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from answering.accounts.models import Clearance, StaffRole
from answering.lib import clock
from calls.models import Call, Caller, CallerChange, Disposition, TextMessage
from calls.services import close_call, end_call
from inquiries.services import request_from_text
from tests.cast import House, make_agent, make_client, make_line, ring, talk
from tests.console.conftest import Console, console, lose, open_console_of
from tests.console.test_board import past_call

__all__ = ["console"]

HOME, MOBILE = "+37167123456", "+37126123456"


@pytest.fixture
def call(house: House) -> Call:
    return talk(ring(house.line, number=MOBILE, name="Ilze"), house.agent)


@pytest.fixture
def caller(call: Call) -> Caller:
    assert call.caller is not None
    return call.caller


def form_of(caller: Caller, **more: Any) -> dict[str, Any]:
    return {"name": caller.name, "language": "lv", "caller": caller.pk, "revision": caller.revision} | more


def test_the_agent_changes_the_caller_without_leaving_the_call(console: Console, call: Call, caller: Caller) -> None:
    assert f"/console/calls/{call.public_id}/caller" in console.board()
    assert 'value="Ilze"' in console.get(f"calls/{call.public_id}/caller").text
    fields = {"name": "Ilze Ozola", "note": "Speaks softly", "care_reason": "Lost a relative", "care_until": ""}
    assert console.on(call, "caller/save", **form_of(caller, **fields, is_always_connected="on")).status_code == 200
    caller.refresh_from_db()
    assert (caller.name, caller.note, caller.is_always_connected) == ("Ilze Ozola", "Speaks softly", True)
    board = console.board()
    for said in ("Ilze Ozola", "Speaks softly", "Lost a relative", "Always connect"):
        assert said in board
    change = CallerChange.objects.get()
    assert (change.user, change.call, change.before["name"]) == (console.agent.user, call, "Ilze")
    console.on(call, "caller/save", **form_of(caller))
    caller.refresh_from_db()
    assert (caller.note, caller.care_reason, caller.is_always_connected) == ("", "", False)


def test_of_two_who_change_a_caller_the_second_is_told_what_is_saved_now(
    house: House, console: Console, call: Call, caller: Caller
) -> None:
    mine = form_of(caller, note="Mine")
    console.on(call, "caller/save", **form_of(caller, note="First come"))
    answer = console.on(call, "caller/save", **mine)
    assert answer.status_code == 422
    for said in ("Somebody else has saved this caller", "First come", "Mine"):
        assert said in answer.text
    caller.refresh_from_db()
    assert caller.note == "First come"
    form = answer.context["form"]
    again = mine | {"caller": form["caller"].value(), "revision": form["revision"].value()}
    assert console.on(call, "caller/save", **again).status_code == 200
    caller.refresh_from_db()
    assert caller.note == "Mine"


def test_a_form_of_the_caller_whom_it_was_before_changes_nobody(house: House, console: Console, call: Call) -> None:
    before = call.caller
    assert before is not None
    other = Caller.objects.create(client=house.client, number=HOME, name="Ilze Ozola")
    console.on(call, "caller/link", caller=other.pk)
    answer = console.on(call, "caller/save", **form_of(before, note="Meant for another"))
    assert answer.status_code == 422
    assert not Caller.objects.exclude(note="").exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"care_until": "2026-12-01T10:00"}, "Say why"),
        ({"care_until": "yesterday"}, "valid date/time"),
        ({"language": "xx"}, "valid choice"),
        ({"name": "x" * 201}, "at most 200"),
        ({"note": "\x00"}, "Null characters"),
        ({"revision": "9" * 30}, "Somebody else has saved this caller"),
    ],
)
def test_bad_input_is_said_and_nothing_is_written(
    console: Console, call: Call, caller: Caller, wrong: dict[str, Any], said: str
) -> None:
    answer = console.on(call, "caller/save", **(form_of(caller, name="Changed") | wrong))
    assert (answer.status_code, said in answer.text) == (422, True)
    caller.refresh_from_db()
    assert caller.name == "Ilze"


def test_only_supervisors_and_who_answers_for_the_client_may_block(
    house: House, console: Console, call: Call, caller: Caller
) -> None:
    console.on(call, "caller/save", **form_of(caller, is_blocked="on"))
    assert "is_blocked" not in console.get(f"calls/{call.public_id}/caller").text
    assert not Caller.objects.filter(is_blocked=True).exists()
    caller.refresh_from_db()
    house.client.consultant = house.agent
    house.client.save()
    console.on(call, "caller/save", **form_of(caller, is_blocked="on"))
    caller.refresh_from_db()
    assert caller.is_blocked
    house.client.consultant = None
    house.client.save()
    answer = console.on(call, "caller/save", **form_of(caller, is_always_connected="on"))
    assert "Ask your supervisor" in answer.text
    house.agent.user.staff_role = StaffRole.SUPERVISOR
    house.agent.user.save()
    assert "is_blocked" in console.get(f"calls/{call.public_id}/caller").text


@pytest.mark.parametrize("number", ["", "+37129999999"])
def test_a_caller_is_found_by_name_and_the_call_is_theirs(house: House, console: Console, number: str) -> None:
    past_call(house, "Recepte Dr. Bērziņai")  # by Kristīne Ozoliņa
    call = talk(ring(house.line, number=number), house.agent)
    found = console.get(f"calls/{call.public_id}/caller/find", q="ozolina")
    assert [each.name for each in found.context["found"]] == ["Kristīne Ozoliņa"]
    known = found.context["found"][0]
    assert console.on(call, "caller/link", caller=known.pk).status_code == 200
    board = console.board()
    for said in ("Kristīne Ozoliņa", "1 earlier call", "Recepte Dr. Bērziņai"):
        assert said in board
    assert ("Number withheld" in board) == (not number)
    assert ring(house.line, number=number or "+37129999999").caller_name == ""


def test_the_number_is_kept_with_them_if_the_agent_says_so(house: House, console: Console, call: Call) -> None:
    known = Caller.objects.create(client=house.client, number=HOME, name="Ilze Ozola")
    assert "is theirs from now on" in console.get(f"calls/{call.public_id}/caller/find").text
    console.on(call, "caller/link", caller=known.pk, keeps_number="on")
    again = ring(house.line, number=MOBILE).caller
    assert again is not None
    assert again.kept == known


def test_a_number_that_is_somebody_s_is_not_offered_and_not_taken(house: House, console: Console) -> None:
    past_call(house)  # from this number, by Kristīne Ozoliņa
    call = talk(ring(house.line, number=MOBILE), house.agent)
    known = Caller.objects.create(client=house.client, number=HOME, name="Ilze Ozola")
    assert "is theirs from now on" not in console.get(f"calls/{call.public_id}/caller/find").text
    answer = console.on(call, "caller/link", caller=known.pk, keeps_number="on")
    assert (answer.status_code, answer.json()["reason"]) == (409, "NumberKnown")
    console.on(call, "caller/link", caller=known.pk)
    panel = console.get(f"calls/{call.public_id}/caller/find")
    assert panel.context["own"].name == "Kristīne Ozoliņa"
    console.on(call, "caller/link", caller=panel.context["own"].pk)
    call.refresh_from_db()
    assert call.caller_name == "Kristīne Ozoliņa"


def test_a_colleague_s_call_and_a_client_one_is_not_cleared_for_are_out_of_reach(
    house: House, console: Console, call: Call, caller: Caller
) -> None:
    colleague = open_console_of(make_agent("Rita Liepa", clients=(house.client,)))
    stranger = open_console_of(make_agent("Svešais"))
    ways: list[tuple[str, dict[str, Any]]] = [("caller/save", form_of(caller)), ("caller/link", {"caller": caller.pk})]
    for path, fields in ways:
        assert colleague.on(call, path, **fields).status_code == 409
        assert stranger.on(call, path, **fields).status_code == 404
    for path in ("caller", "caller/find"):
        assert colleague.get(f"calls/{call.public_id}/{path}").status_code == 409
        assert stranger.get(f"calls/{call.public_id}/{path}").status_code == 404
    Clearance.objects.filter(agent=house.agent).delete()
    for path, fields in ways:
        assert console.on(call, path, **fields).status_code == 404


def test_callers_of_another_client_are_neither_found_nor_linked(house: House, console: Console, call: Call) -> None:
    foreign = ring(make_line(make_client("Baltė")), number=HOME, name="Ilze Ozola").caller
    assert foreign is not None
    assert not console.get(f"calls/{call.public_id}/caller/find", q="ozola").context["found"]
    for wrong in (foreign.pk, 0, "x", 2**64, ""):
        assert console.on(call, "caller/link", caller=wrong).status_code in (404, 422)
    call.refresh_from_db()
    assert call.caller != foreign


def test_who_calls_can_be_changed_in_the_wrap_up_and_is_read_only_before_the_answer(
    house: House, console: Console
) -> None:
    call = ring(house.line, number=MOBILE, name="Ilze")
    assert "caller/find" not in console.board()
    end_call(talk(call, house.agent).pk, agent=house.agent)
    assert "caller/find" in console.board()
    close_call(call.pk, agent=house.agent, disposition=Disposition.INFORMED)
    assert "caller/find" not in console.board(opened=call.public_id)


def test_the_last_calls_stand_with_their_results_and_sms_with_what_is_open(
    house: House, console: Console, call: Call, caller: Caller
) -> None:
    end_call(call.pk, agent=house.agent)
    close_call(call.pk, agent=house.agent, disposition=Disposition.INFORMED)
    for number in range(5):
        text = f"Recepte {number}"
        sms = TextMessage.objects.create(
            client=house.client, line=house.line, caller=caller, text=text, carrier="x", carrier_event_key=text
        )
        request_from_text(sms.pk)
    lose(ring(house.line, number=MOBILE))
    talk(ring(house.line, number=MOBILE), house.agent)
    board = console.board()
    for said in ("Question answered", "Hung up while waiting", "2 earlier calls", "Recepte 4", "and 3 more"):
        assert said in board
    assert "Recepte 1" not in board


def test_a_search_costs_the_same_however_many_are_found(house: House, console: Console, call: Call) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            console.get(f"calls/{call.public_id}/caller/find", q="ozol")
        return len(queries)

    Caller.objects.create(client=house.client, number=HOME, name="Ilze Ozola")
    one = cost()
    for number in range(20):
        Caller.objects.create(client=house.client, number=f"+371671000{number:02}", name=f"Ozols {number}")
    Caller.objects.filter(number__gt=HOME).update(created_at=clock.now())
    assert cost() == one <= 12
