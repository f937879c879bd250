"""The agreed way of working with a VIP client: written, kept and reviewed at the desk, seen by agents."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from answering.accounts.models import Agent, StaffRole
from clients.errors import ChangedMeanwhile, NotVip
from clients.models import Client, Plan, WayOfWorking
from clients.services.ways import agree_on_way
from tests.calls.threads import all_at_once, kinds
from tests.cast import House, make_agent, make_client, make_line, make_member, make_user, ring, talk
from tests.console.conftest import open_console_of
from tests.console.test_board import MOST_QUERIES, queries_of
from tests.desk.house_desk import signed_in, supervisor


def consultant(name: str = "Ilze Gaile") -> Agent:
    agent = make_agent(name)
    agent.user.staff_role = StaffRole.CONSULTANT
    agent.user.save()
    return agent


@pytest.fixture
def vip(db: None) -> Client:
    return make_client("Dikaio", plan=Plan.VIP, consultant=consultant())


def looks_after(client: Client) -> Agent:
    assert client.consultant is not None
    return client.consultant


def agreed(client: Client, **fields: Any) -> WayOfWorking:
    """A version that is stored as the next one."""
    agent, today = looks_after(client), timezone.localdate()
    values: dict[str, Any] = {"greeting": "Good day", "agreed_by": "Eleni", "agreed_on": today - timedelta(days=9)}
    values |= {"reviewer": agent, "review_on": today + timedelta(days=9)} | fields
    return agree_on_way(WayOfWorking(client=client, **values), seen=client.ways.count(), by=agent.user)


def page(client: Client) -> str:
    return reverse("desk:way", args=[client.public_id])


def form_of(client: Client, **more: Any) -> dict[str, Any]:
    today = timezone.localdate()
    fields = {"greeting": "Good day", "donts": "No names", "agreed_by": "Eleni", "agreed_on": today}
    dates = {"review_on": today + timedelta(days=90), "reviewer": looks_after(client).pk, "seen": client.ways.count()}
    return fields | dates | more


def test_the_consultant_writes_it_down_and_every_version_stays(vip: Client) -> None:
    agent = looks_after(vip)
    browser = signed_in(agent.user)
    assert browser.post(page(vip), form_of(vip)).status_code == 302
    assert browser.post(page(vip), form_of(vip, donts="No numbers", agreed_by="Nikos")).status_code == 302
    shown = browser.get(page(vip))
    assert (shown.context["review"].way.donts, [each.donts for each in shown.context["earlier"]]) == (
        "No numbers",
        ["No names"],
    )
    assert shown.context["form"]["donts"].value() == "No numbers"  # the next is written from it
    assert [(each.number, each.written_by) for each in vip.ways.order_by("number")] == [
        (1, agent.user),
        (2, agent.user),
    ]


def test_of_two_who_write_from_the_same_version_the_second_is_told(vip: Client) -> None:
    browser, filled_in = supervisor(), form_of(vip, donts="Mine")
    agreed(vip)
    answer = browser.post(page(vip), filled_in)
    assert (answer.status_code, "Somebody else has saved this" in answer.text) == (422, True)
    assert "Mine" in answer.text
    assert vip.ways.count() == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"greeting": "", "donts": ""}, "at least one thing"),
        ({"agreed_on": "2099-01-01"}, "still to come"),
        ({"review_on": "2001-01-01"}, "a day to come"),
        ({"agreed_by": ""}, "required"),
        ({"reviewer": "0"}, "valid choice"),
        ({"dos": "x" * 2001}, "at most 2000"),
        ({"agreed_on": "2026-02-30"}, "valid date"),
        ({"seen": "99"}, "Somebody else has saved this"),
        ({"seen": ""}, "required"),
    ],
)
def test_bad_input_is_said_and_nothing_is_agreed(vip: Client, wrong: dict[str, Any], said: str) -> None:
    answer = supervisor().post(page(vip), form_of(vip) | wrong)
    assert answer.status_code == 422
    assert said in answer.text or wrong == {"seen": ""}
    assert not vip.ways.exists()


def test_the_database_keeps_each_version_as_it_was(vip: Client) -> None:
    way = agreed(vip)
    with pytest.raises(IntegrityError), transaction.atomic():
        WayOfWorking.objects.filter(pk=way.pk).update(greeting="Otherwise")
    with pytest.raises(IntegrityError), transaction.atomic():
        WayOfWorking.objects.filter(pk=way.pk).delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        agreed(vip, review_on=way.agreed_on)


def test_a_client_who_is_no_vip_has_none(vip: Client, house: House) -> None:
    administrator = signed_in(make_user("Admin", staff_role=StaffRole.ADMINISTRATOR))
    assert administrator.get(page(house.client)).status_code == 404
    tabs = administrator.get(reverse("desk:client", args=[house.client.public_id])).text
    assert "Way of working" not in tabs
    way = agreed(vip)
    Client.objects.filter(pk=vip.pk).update(plan=Plan.STANDARD)
    with pytest.raises(NotVip):
        agree_on_way(way, seen=1, by=looks_after(vip).user)


def test_overdue_reviews_come_first_for_who_looks_after_the_client(vip: Client) -> None:
    agent, today = looks_after(vip), timezone.localdate()
    late = make_client("Baltė", plan=Plan.VIP, consultant=make_agent("Zane"), substitute=agent)
    none = make_client("Zenīts", plan=Plan.VIP, consultant=agent)
    make_client("Svešais", plan=Plan.VIP, consultant=make_agent("Cita"))
    agreed(vip)
    agreed(late, agreed_on=today - timedelta(days=90), review_on=today - timedelta(days=3))
    listed = signed_in(agent.user).get(reverse("desk:ways"))
    assert [(each.client, each.is_overdue) for each in listed.context["reviews"]] == [
        (late, True),
        (none, False),
        (vip, False),
    ]
    assert "Review overdue" in listed.text
    assert len(supervisor().get(reverse("desk:ways")).context["reviews"]) == 4
    overview = signed_in(make_user("Admin", staff_role=StaffRole.ADMINISTRATOR)).get(reverse("desk:consultants")).text
    assert overview.count("Review overdue") == 1
    assert overview.count("Nothing agreed yet") == 2
    agreed(late)
    assert "Review overdue" not in signed_in(agent.user).get(reverse("desk:ways")).text


def test_a_list_costs_the_same_however_many_clients_there_are(vip: Client) -> None:
    browser = supervisor()

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            browser.get(reverse("desk:ways"))
        return len(queries)

    agreed(vip)
    one = cost()
    for number in range(3):
        agreed(make_client(f"Client {number}", plan=Plan.VIP, consultant=make_agent(f"Agent {number}")))
    assert cost() == one


def test_strangers_find_nothing(vip: Client, house: House) -> None:
    agreed(vip)
    other = consultant("Cits Konsultants")
    others = make_client("Baltė", plan=Plan.VIP, consultant=other)
    assert signed_in(other.user).get(page(others)).status_code == 200
    for user in (other.user, house.agent.user, make_member(vip), make_user("Svešais")):
        browser = signed_in(user)
        assert browser.get(page(vip)).status_code == 404
        assert browser.post(page(vip), form_of(vip)).status_code == 404
    for user in (house.agent.user, make_member(vip), make_user("Svešais")):
        assert signed_in(user).get(reverse("desk:ways")).status_code == 404
    browser = signed_in(other.user)
    for name in ("live", "people", "clients", "consultants"):
        assert browser.get(reverse(f"desk:{name}")).status_code == 404
    assert "Live" not in browser.get(reverse("desk:ways")).text
    assert vip.ways.count() == 1


def test_agents_see_it_with_the_call_and_only_who_looks_after_the_client_is_led_to_the_desk(vip: Client) -> None:
    agreed(vip, greeting="Καλημέρα σας", donts="Say <b>no</b> names")
    agent = make_agent(clients=(vip,))
    console = open_console_of(agent)
    call = ring(make_line(vip))
    board = console.board()
    assert "Καλημέρα σας" in board
    assert "names" not in board  # before the answer there is time for the greeting only
    talk(call, agent)
    assert queries_of(console) <= MOST_QUERIES
    board = console.board()
    for said in ("Καλημέρα σας", "Say &lt;b&gt;no&lt;/b&gt; names", "agreed with Eleni"):
        assert said in board
    assert page(vip) not in board
    Client.objects.filter(pk=vip.pk).update(substitute=agent)
    assert page(vip) in console.board()
    Client.objects.filter(pk=vip.pk).update(plan=Plan.STANDARD)
    assert "Καλημέρα σας" not in console.board()


def test_of_two_who_agree_at_once_one_version_is_stored(live_house: House) -> None:
    agent = consultant()
    vip = make_client("Dikaio", plan=Plan.VIP, consultant=agent)
    today = timezone.localdate()
    fields = {"client": vip, "greeting": "Hello", "agreed_by": "Eleni", "agreed_on": today, "reviewer": agent}
    ways = [WayOfWorking(**fields, review_on=today + timedelta(days=number)) for number in (1, 2)]
    results = all_at_once(*[partial(agree_on_way, way, seen=0, by=agent.user) for way in ways])
    assert kinds(results) == ["ChangedMeanwhile", "WayOfWorking"]
    assert any(isinstance(result, ChangedMeanwhile) for result in results)
