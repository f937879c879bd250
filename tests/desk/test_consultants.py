"""Consultants and their clients at the desk: shown, and handed over together."""

from typing import Any

import pytest
from django.urls import reverse

from answering.accounts.models import Agent, StaffRole
from clients.errors import ChangedMeanwhile
from clients.models import Client, Plan
from clients.services.consultants import reassign_clients
from tests.cast import House, make_agent, make_client, make_user
from tests.desk.house_desk import signed_in, supervisor, those_kept_out

ADDRESS = "desk:consultants"


@pytest.fixture
def giver(house: House) -> Agent:
    """Has two VIP clients; Zane is the substitute of one."""
    agent = make_agent("Ilze Gaile")
    make_client("Baltė", consultant=agent, plan=Plan.VIP, substitute=make_agent("Zane Kļava"))
    make_client("Dikaio", consultant=agent, plan=Plan.VIP)
    return agent


def hand_over(of: Agent, to: Agent, *clients: Client, **more: Any) -> Any:
    browser = signed_in(make_user("Admin", staff_role=StaffRole.ADMINISTRATOR))
    chosen: dict[str, Any] = {
        "giver": of.pk,
        "taker": to.pk,
        "clients": [str(client.public_id) for client in clients],
    }
    return browser.post(reverse(ADDRESS), chosen | more, follow=True)


def test_clients_are_shown_with_substitutes_and_handed_over_together(giver: Agent) -> None:
    taker = Agent.objects.get(user__full_name="Zane Kļava")
    page = hand_over(giver, taker, *giver.clients.all()).text
    assert "2 clients are Zane Kļava" in page
    assert {(client.consultant, client.substitute) for client in taker.clients.all()} == {(taker, None)}
    assert not giver.clients.exists()
    assert set(taker.clients.values_list("revision", flat=True)) == {2}  # an open form of the company is told


def test_only_what_is_ticked_is_handed_over(giver: Agent, house: House) -> None:
    one = giver.clients.get(name="Baltė")
    page = hand_over(giver, house.agent, one).text
    assert "substitute: Zane Kļava" in page
    assert giver.clients.get().name == "Dikaio"


@pytest.mark.parametrize(
    "wrong", [{"clients": []}, {"clients": ["nonsense"]}, {"taker": ""}, {"taker": "0"}, {"taker": "x"}]
)
def test_bad_input_changes_nothing(giver: Agent, house: House, wrong: dict[str, Any]) -> None:
    answer = hand_over(giver, house.agent, *giver.clients.all(), **wrong)
    assert answer.status_code == 422
    assert giver.clients.count() == 2
    assert answer.text.count("checked") == (0 if "clients" in wrong else 2)


def test_a_client_that_is_no_longer_theirs_stops_all(giver: Agent, house: House) -> None:
    clients = list(giver.clients.values_list("pk", flat=True))
    Client.objects.filter(pk=clients[0]).update(consultant=house.agent)
    with pytest.raises(ChangedMeanwhile):
        reassign_clients(clients, giver=giver, taker=Agent.objects.get(user__full_name="Zane Kļava"))
    assert giver.clients.count() == 1


def test_nobody_who_has_left_takes_over(giver: Agent, house: House) -> None:
    house.agent.user.is_active = False
    house.agent.user.save()
    assert hand_over(giver, house.agent, *giver.clients.all()).status_code == 422


def test_only_administrators_hand_clients_over(giver: Agent, house: House) -> None:
    for browser in (supervisor(), *those_kept_out(house)):
        assert browser.get(reverse(ADDRESS)).status_code == 404
        assert browser.post(reverse(ADDRESS), {"giver": giver.pk}).status_code == 404
    assert hand_over(giver, house.agent, giver="").status_code == 404
