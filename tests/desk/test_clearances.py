"""Who may take whose calls, set at the desk from either side, with effect on the console at once."""

from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from answering.accounts.models import Agent, Clearance, StaffChange, User
from answering.lib import clock
from calls.models import OfferOutcome
from clients.models import Client
from tests.cast import House, make_agent, make_client, make_line, ring
from tests.desk.house_desk import signed_in, supervisor
from tests.desk.office import administrator


def of_person(agent: Agent) -> str:
    return reverse("desk:person-clients", args=[agent.user.public_id])


def of_client(client: Client) -> str:
    return reverse("desk:client-agents", args=[client.public_id])


def cleared() -> set[tuple[str, str]]:
    return set(Clearance.objects.values_list("agent__user__full_name", "client__name"))


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Channels and kinds of what browsers are told."""
    told: list[tuple[str, str]] = []

    def note(channel: str, kind: str, **ids: object) -> None:
        told.append((channel, kind))

    monkeypatch.setattr("answering.push.hints.hint", note)
    return told


def test_a_supervisor_clears_an_agent_for_several_clients_at_once(house: House) -> None:
    first, second = make_client("Baltė"), make_client("Dikaio")
    browser = supervisor()
    page = browser.get(of_person(house.agent))
    assert [(client.name, is_cleared) for client, is_cleared in page.context["rows"]] == [
        ("Baltė", False), ("Dikaio", False), ("Klīnika Sirds", True),
    ]  # fmt: skip
    ticked = {"ticked": [first.public_id, second.public_id], "was": [house.client.public_id]}
    answer = browser.post(of_person(house.agent), ticked, follow=True)
    assert "3 clearances are changed." in answer.text
    assert cleared() == {("Nora Kalna", "Baltė"), ("Nora Kalna", "Dikaio")}
    logged = StaffChange.objects.values_list("kind", "client__name", "person", "changed_by__full_name")
    nora, by = house.agent.user.pk, "Sandra Liepa"
    assert set(logged) == {
        ("cleared", "Baltė", nora, by), ("cleared", "Dikaio", nora, by), ("clearance_ended", "Klīnika Sirds", nora, by),
    }  # fmt: skip


def test_agents_are_cleared_for_a_client_together_and_one_is_not_any_more(house: House) -> None:
    zane, pavel = make_agent("Zane"), make_agent("Pāvels")
    ticked = {"ticked": [zane.user.public_id, pavel.user.public_id], "was": [house.agent.user.public_id]}
    administrator().post(of_client(house.client), ticked)
    assert cleared() == {("Zane", "Klīnika Sirds"), ("Pāvels", "Klīnika Sirds")}


def test_two_who_clear_at_the_same_time_do_not_undo_each_other(house: House) -> None:
    zane, pavel, nora = make_agent("Zane"), make_agent("Pāvels"), house.agent.user.public_id
    first, second = administrator(), supervisor()
    first.post(of_client(house.client), {"ticked": [nora, zane.user.public_id], "was": [nora]})
    second.post(of_client(house.client), {"ticked": [nora, pavel.user.public_id], "was": [nora]})
    assert len(cleared()) == 3
    again = second.post(of_client(house.client), {"ticked": [nora, pavel.user.public_id], "was": [nora]}, follow=True)
    assert "Nothing was changed." in again.text
    assert StaffChange.objects.count() == 2


def test_lists_are_narrowed_and_what_is_not_shown_stays(house: House) -> None:
    make_client("Ābele", consultant=None)
    browser = administrator()
    page = browser.get(of_person(house.agent), {"q": "abele"})
    assert [client.name for client, _ in page.context["rows"]] == ["Ābele"]
    browser.post(of_person(house.agent) + "?q=abele", {"ticked": [page.context["rows"][0][0].public_id]})
    assert len(cleared()) == 2
    make_agent("Ādams")
    assert [
        row.agent.user.full_name for row, *_ in browser.get(of_client(house.client), {"q": "adams"}).context["rows"]
    ]
    only = browser.get(of_client(house.client), {"cleared": "on"}).context["rows"]
    assert [row.agent for row, *_ in only] == [house.agent]


def test_a_clearance_brings_the_waiting_call_and_its_end_takes_it_away(
    house: House, heard: list[tuple[str, str]], django_capture_on_commit_callbacks: Any
) -> None:
    zane = make_agent("Zane")
    Agent.objects.filter(pk=house.agent.pk).update(presence="break")
    call = ring(house.line)
    assert not call.offers.exists()
    browser, ids = supervisor(), [zane.user.public_id]
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(of_client(house.client), {"ticked": ids})
    assert call.offers.get().agent == zane
    assert (f"agent:{zane.pk}", "agent") in heard
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(of_client(house.client), {"was": ids})
    assert call.offers.get().outcome == OfferOutcome.LOST


@pytest.mark.parametrize("wrong", [{"ticked": ["nonsense"]}, {"was": ["1"]}])
def test_nonsense_changes_nothing(house: House, wrong: dict[str, list[str]]) -> None:
    assert administrator().post(of_client(house.client), wrong).status_code == 404
    assert administrator().post(of_person(house.agent), wrong).status_code == 404
    assert len(cleared()) == 1


def test_nobody_who_has_left_and_no_closed_client_is_cleared(house: House) -> None:
    gone, closed = make_agent("Gone"), make_client("Closed", closed_at=clock.now())
    User.objects.filter(pk=gone.user.pk).update(is_active=False)
    browser = administrator()
    assert browser.get(of_person(gone)).status_code == 404
    browser.post(of_client(house.client), {"ticked": [gone.user.public_id]})
    browser.post(of_person(house.agent), {"ticked": [closed.public_id]})
    assert browser.get(of_client(closed)).status_code == 404
    assert len(cleared()) == 1


def test_a_line_whose_language_nobody_cleared_speaks_is_told(house: House) -> None:
    make_line(house.client, name="Greek line", language="el")
    page = administrator().get(of_client(house.client)).text
    assert "the line “Greek line”: Greek" in page
    assert "the line “Reception”" not in page


def test_the_set_up_leads_to_the_agents(house: House) -> None:
    page = administrator().get(reverse("desk:client", args=[house.client.public_id])).text
    assert page.count(of_client(house.client)) == 2  # the tab, and the last step


def test_the_pages_cost_the_same_however_many_there_are(
    house: House, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    for name in ("Anna", "Berta", "Ella", "Ivo"):
        make_agent(name, clients=(make_client(name),))
    browser: Browser = signed_in(User.objects.create_superuser("keeper@example.test", full_name="Kārlis"))
    for address, most in ((of_person(house.agent), 6), (of_client(house.client), 9)):
        with django_assert_max_num_queries(most):  # type: ignore[operator]
            assert browser.get(address).status_code == 200
