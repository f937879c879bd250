from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.urls import reverse

from answering.accounts.models import Agent, StaffRole
from answering.desk.board import live_board
from answering.lib import clock
from calls.services import caller_hung_up
from inquiries.models import Inquiry
from inquiries.services import request_call_back
from tests.cast import House, make_agent, make_member, make_user, ring, talk


def signed_in_as(role: StaffRole) -> Browser:
    browser = Browser()
    browser.force_login(make_user("Sandra Liepa", staff_role=role))
    return browser


def test_the_board_shows_who_waits_who_talks_and_who_is_there(house: House) -> None:
    talk(ring(house.line), house.agent)
    ring(house.line)
    lost = make_agent("Pēteris Zars", clients=(house.client,))
    Agent.objects.filter(pk=lost.pk).update(heartbeat_at=clock.now() - timedelta(seconds=20))
    board = live_board()
    assert (len(board.waiting), len(board.talking)) == (1, 1)
    assert {str(row.agent): row.state for row in board.agents} == {"Nora Kalna": "busy", "Pēteris Zars": "lost"}
    page = signed_in_as(StaffRole.SUPERVISOR).get(reverse("desk:live")).text
    assert "In a call for Klīnika Sirds" in page
    assert "Not heard" in page


def test_the_board_costs_the_same_queries_however_many_calls_and_agents(
    house: House, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    for number in range(12):
        ring(house.line)
        make_agent(f"Agent {number}", clients=(house.client,))
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        live_board()


@pytest.mark.parametrize("name", ["desk:home", "desk:live"])
def test_only_supervisors_and_administrators_find_the_desk(house: House, name: str) -> None:
    for user in (house.agent.user, make_member(house.client)):
        browser = Browser()
        browser.force_login(user)
        assert browser.get(reverse(name)).status_code == 404
        assert browser.post(reverse("desk:ticket")).status_code == 404
    assert Browser().get(reverse(name)).status_code == 302
    assert signed_in_as(StaffRole.ADMINISTRATOR).get(reverse(name), follow=True).status_code == 200


def test_the_desk_gets_a_ticket_for_its_stream(house: House) -> None:
    answer = signed_in_as(StaffRole.SUPERVISOR).post(reverse("desk:ticket"))
    assert "ticket=" in answer.json()["url"]


def test_an_overdue_request_is_shown_as_broken(house: House) -> None:
    call = caller_hung_up(ring(house.line), key="1", ago=timedelta(0))
    request_call_back(call.pk)
    Inquiry.objects.update(due_at=clock.now() - timedelta(minutes=1))
    page = signed_in_as(StaffRole.SUPERVISOR).get(reverse("desk:live")).text
    assert "badge-danger" in page
