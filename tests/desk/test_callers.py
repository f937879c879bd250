"""Who calls a client, at the desk and on the console: flags, search, history; never another client's."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from answering.lib import clock
from calls.models import Caller
from calls.services.screening import Screening, screen_caller
from calls.states import CallOutcome
from inquiries.services import take_message
from tests.cast import House, make_client, make_line, ring, talk
from tests.console.conftest import Console, console
from tests.desk.house_desk import supervisor, those_kept_out
from tests.inquiries.stories import fields

__all__ = ["console"]

NUMBER = "+37126123456"


def address(caller: Caller) -> str:
    return reverse("desk:caller", args=[caller.client.public_id, caller.pk])


def form_of(caller: Caller, **more: Any) -> dict[str, Any]:
    return {"name": caller.name, "language": "lv", "note": caller.note, "revision": caller.revision} | more


@pytest.fixture
def caller(house: House) -> Caller:
    ring(house.line, number=NUMBER, name="Kristīne Ozoliņa")
    return Caller.objects.get()


def test_flags_are_kept_at_the_desk_and_shown_to_the_agent(house: House, caller: Caller, console: Console) -> None:
    flags = {"care_reason": "Lost a relative", "is_always_connected": "on", "note": "Speak slowly"}
    assert supervisor().post(address(caller), form_of(caller, **flags)).status_code == 302
    board = console.board()
    for said in ("Handle with care:", "Lost a relative", "Always connect", "Speak slowly"):
        assert said in board


def test_care_ends_with_its_time(caller: Caller, console: Console) -> None:
    Caller.objects.update(care_reason="Lost a relative", care_until=clock.now() - timedelta(minutes=1))
    assert "Handle with care" not in console.board()
    Caller.objects.update(care_until=clock.now() + timedelta(minutes=1))
    assert "Handle with care" in console.board()


def test_a_blocked_caller_is_not_put_on_the_line(house: House, caller: Caller) -> None:
    supervisor().post(address(caller), form_of(caller, is_blocked="on"))
    assert ring(house.line, number=NUMBER).outcome == CallOutcome.BLOCKED


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"is_blocked": "on", "is_always_connected": "on"}, "blocked and always connected at once"),
        ({"care_until": "2026-12-01T10:00"}, "Say why"),
        ({"care_until": "2026-13-01T10:00"}, "valid date/time"),
        ({"language": "xx"}, "valid choice"),
        ({"name": "x" * 201}, "at most 200"),
        ({"revision": "0"}, "Somebody else has saved this"),
        ({"revision": ""}, "Somebody else has saved this"),
    ],
)
def test_bad_input_is_said_and_nothing_is_written(caller: Caller, wrong: dict[str, Any], said: str) -> None:
    answer = supervisor().post(address(caller), form_of(caller, note="Changed") | wrong)
    assert answer.status_code == 422
    assert said in answer.text
    caller.refresh_from_db()
    assert caller.note == ""


def test_the_database_refuses_what_contradicts_itself(caller: Caller) -> None:
    for wrong in ({"is_blocked": True, "is_always_connected": True}, {"care_until": clock.now()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Caller.objects.update(**wrong)
    caller.is_blocked = caller.is_always_connected = True
    with pytest.raises(ValidationError):
        caller.full_clean()


def test_callers_are_found_by_name_and_number_within_their_client(house: House, caller: Caller) -> None:
    other = make_client("Baltė")
    ring(make_line(other), number=NUMBER, name="Kristīne Ozoliņa")
    browser = supervisor()
    for asked, is_found in (("ozolina", True), ("26 123", True), ("nobody", False), ("999", False)):
        page = browser.get(reverse("desk:callers", args=[house.client.public_id]), {"q": asked})
        assert [each.pk for each in page.context["callers"]] == ([caller.pk] if is_found else [])


def test_a_long_list_comes_in_pages(house: House) -> None:
    Caller.objects.bulk_create(
        Caller(client=house.client, number=f"+371261{number:05}", search_key="") for number in range(60)
    )
    browser, listed = supervisor(), reverse("desk:callers", args=[house.client.public_id])
    first = browser.get(listed).context
    rest = browser.get(listed, {"before": first["more"]}).context
    assert (len(first["callers"]), len(rest["callers"]), rest["more"]) == (50, 10, None)
    assert len(browser.get(listed, {"before": "9" * 40}).context["callers"]) == 50


def test_the_history_shows_calls_and_requests_of_this_client_only(house: House, caller: Caller) -> None:
    call = talk(ring(house.line, number=NUMBER), house.agent)
    take_message(call, agent=house.agent, fields=fields(text="Lūdzu pārcelt vizīti"))
    other = make_client("Baltė")
    ring(make_line(other), number=NUMBER)
    page = supervisor().get(address(caller))
    assert "Lūdzu pārcelt vizīti" in page.text
    assert len(page.context["calls"]) == 2
    stranger = Caller.objects.get(client=other)
    wrong = reverse("desk:caller", args=[house.client.public_id, stranger.pk])
    assert supervisor().get(wrong).status_code == 404
    assert supervisor().post(wrong, form_of(stranger)).status_code == 404


def test_the_page_of_a_caller_costs_the_same_however_often_they_called(
    house: House, caller: Caller, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    for _ in range(8):
        ring(house.line, number=NUMBER)
    browser = supervisor()
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        browser.get(address(caller))


def test_nobody_else_finds_callers(house: House, caller: Caller) -> None:
    for browser in those_kept_out(house):
        assert browser.get(reverse("desk:callers", args=[house.client.public_id])).status_code == 404
        assert browser.post(address(caller), form_of(caller)).status_code == 404


def test_a_form_that_was_open_while_the_caller_was_blocked_undoes_nothing(house: House) -> None:
    caller = Caller.objects.create(client=house.client, number="+37126123456", name="Jānis")
    filled_in = form_of(caller, note="Changed")
    screen_caller(house.client, "+37126123456", Screening.BLOCKED)
    answer = supervisor().post(address(caller), filled_in)
    assert "Somebody else has saved this" in answer.content.decode()
    caller.refresh_from_db()
    assert (caller.is_blocked, caller.note) == (True, "")
