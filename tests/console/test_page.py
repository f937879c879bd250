import pytest
from django.test import Client as HttpClient

from answering.accounts.models import StaffRole
from tests.cast import House, make_member, make_user, ring, talk
from tests.console.conftest import Console


def test_the_console_opens_for_an_agent(console: Console) -> None:
    page = console.http.get("/console/")
    assert page.status_code == 200
    assert "Ready for the next call" in page.content.decode()


def test_a_client_s_person_finds_no_console(house: House, client: HttpClient) -> None:
    client.force_login(make_member(house.client))
    assert client.get("/console/").status_code == 404
    assert client.get("/console/board").status_code == 404


@pytest.mark.django_db
def test_staff_who_are_no_agents_are_told_what_to_do(client: HttpClient) -> None:
    client.force_login(make_user(staff_role=StaffRole.SUPERVISOR))
    page = client.get("/console/")
    assert page.status_code == 403
    assert "not set up to take calls" in page.content.decode()
    assert client.get("/console/board").status_code == 404


@pytest.mark.django_db
def test_signed_out_the_page_asks_to_sign_in_and_its_script_is_told(client: HttpClient) -> None:
    assert client.get("/console/").headers["Location"].startswith("/accounts/login/")
    answer = client.get("/console/board")
    assert (answer.status_code, answer.json()["reason"]) == (401, "SignedOut")


def test_a_bad_call_in_the_address_shows_the_board_all_the_same(console: Console) -> None:
    assert "Ready for the next call" in console.board(shown="nonsense", opened="' or 1=1")


def test_an_offered_call_takes_the_centre_with_what_to_say(console: Console, house: House) -> None:
    ring(house.line, name="Kristīne Ozoliņa")
    board = console.board()
    assert 'data-kind="incoming"' in board
    assert "Labdien! Klīnika Sirds, mani sauc Nora." in board
    assert "+371 26 123 456" in board
    assert "Kristīne Ozoliņa" in board


def test_the_form_is_sent_once_per_call(console: Console, house: House) -> None:
    call = talk(ring(house.line), house.agent)
    assert 'id="message-form"' in console.board()
    again = console.board(shown=call.public_id)
    assert 'id="letter"' not in again
    assert 'data-kind="call"' in again
