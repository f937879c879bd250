from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.urls import reverse

from answering.accounts.models import Agent, StaffRole
from answering.desk import paging
from answering.lib import clock
from clients.errors import ChangedMeanwhile
from clients.models import Client, Plan
from clients.services.revisions import save_revised
from tests.calls.threads import all_at_once, kinds
from tests.cast import House, make_agent, make_client, make_house, make_member, make_provider
from tests.desk.office import administrator, filled_in, signed_in_as


def addresses(house: House) -> list[str]:
    known = [house.client.public_id]
    return [reverse(name) for name in ("desk:clients", "desk:new-client")] + [
        reverse(name, args=known) for name in ("desk:client", "desk:edit-client", "desk:close-client")
    ]


def test_only_administrators_find_the_pages_of_clients(house: House) -> None:
    owner, agent, stranger = make_member(house.client), house.agent.user, make_member(make_client("Baltė"))
    browsers = [signed_in_as(StaffRole.SUPERVISOR)]
    for user in (owner, agent, stranger):
        browsers.append(Browser())
        browsers[-1].force_login(user)
    for address in addresses(house):
        assert administrator().get(address).status_code == 200
        assert [browser.get(address).status_code for browser in browsers] == [404] * 4
        assert Browser().get(address).status_code == 302
    edit = reverse("desk:edit-client", args=[house.client.public_id])
    assert [browser.post(edit, {"name": "Mine"}).status_code for browser in browsers] == [404] * 4
    for name in ("desk:close-client", "desk:reopen-client"):
        address = reverse(name, args=[house.client.public_id])
        assert [browser.post(address).status_code for browser in browsers] == [404] * 4
    assert Client.objects.filter(closed_at=None).count() == 2


def test_supervisors_see_the_board_and_no_set_up_in_the_navigation(house: House) -> None:
    board = reverse("desk:live")
    assert reverse("desk:clients") not in signed_in_as(StaffRole.SUPERVISOR).get(board).text
    assert reverse("desk:clients") in administrator().get(board).text


def test_a_client_that_is_not_there_is_not_found(house: House) -> None:
    assert administrator().get(reverse("desk:client", args=[uuid4()])).status_code == 404


def test_clients_are_found_without_accents(house: House) -> None:
    make_client("Ρήγας και Συνεργάτες", language="el")
    browser = administrator()
    page = browser.get(reverse("desk:clients"), {"q": "ρηγασ"}).text
    assert "Ρήγας" in page
    assert "Klīnika" not in page
    assert "Klīnika Sirds" in browser.get(reverse("desk:clients"), {"q": "KLINIKA"}).text
    assert "No client matches" in browser.get(reverse("desk:clients"), {"q": "x" * 70 + "\x00"}).text


def test_closed_clients_are_listed_apart(house: House) -> None:
    make_client("Gone", closed_at=clock.now())
    browser = administrator()
    assert "Gone" not in browser.get(reverse("desk:clients")).text
    assert "Gone" in browser.get(reverse("desk:clients"), {"closed": "on"}).text


def test_pages_of_clients_are_gone_through_both_ways(
    db: None, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr(paging, "PAGE_SIZE", 2)
    provider = make_provider()
    for name in ("Ābele", "Alfa", "Čakars", "Cits", "Alfa"):
        make_client(name, provider=provider)
    names: list[str] = []
    found = Client.objects.all()
    page = paging.page_by_name(found)
    names += [client.name for client in page.rows]
    while page.after:
        page = paging.page_by_name(found, after=str(page.after))
        names += [client.name for client in page.rows]
    assert names == ["Ābele", "Alfa", "Alfa", "Cits", "Čakars"]
    back = paging.page_by_name(found, before=str(page.before))
    assert [client.name for client in back.rows] == names[2:4]
    assert paging.page_by_name(found, before=str(back.before)).before is None
    browser = administrator()
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        assert browser.get(reverse("desk:clients")).status_code == 200


def test_a_new_client_needs_little_and_is_served_at_once(house: House) -> None:
    browser = administrator()
    page = browser.get(reverse("desk:new-client"))
    values = filled_in(page, name="Baltų namai", country="LT", language="lt", time_zone="Europe/Vilnius")
    answer = browser.post(reverse("desk:new-client"), values, follow=True)
    client = Client.objects.get(name="Baltų namai")
    assert "Baltų namai is a client now." in answer.text
    assert (client.response_target.total_seconds(), client.services) == (8 * 3600, ["messages"])


def test_without_an_operator_there_are_no_clients(db: None) -> None:
    assert "The operator is missing" in administrator().get(reverse("desk:new-client")).text


WRONG = [
    ({"name": ""}, "This field is required."),
    ({"country": "XX"}, "XX is not one of the available choices"),
    ({"time_zone": "Mars/Base"}, "is not one of the available choices"),
    ({"vat_id": "LV40003521601"}, "do not fit together"),
    ({"vat_id": "LV4000"}, "not what a VAT number of the chosen country looks like"),
    ({"vat_id": "EE100931558"}, "EE is the VAT prefix of another country"),
    ({"plan": "vip"}, "A VIP client needs a consultant."),
    ({"response_hours": "0"}, "greater than or equal to 0.25"),
    ({"response_hours": "NaN"}, "Enter a number."),
    ({"services": ["messages", "juggling"]}, "juggling is not one of the available choices"),
    ({"calendar": "999999"}, "not one of the available choices"),
]


@pytest.mark.parametrize(("changes", "sentence"), WRONG)
def test_bad_input_changes_nothing_and_is_told(house: House, changes: dict[str, object], sentence: str) -> None:
    browser = administrator()
    address = reverse("desk:edit-client", args=[house.client.public_id])
    answer = browser.post(address, filled_in(browser.get(address), **({"name": "Other"} | changes)))
    assert answer.status_code == 422
    assert sentence in answer.text
    house.client.refresh_from_db()
    assert (house.client.name, house.client.revision) == ("Klīnika Sirds", 1)


def test_a_substitute_is_somebody_else_than_the_consultant(house: House) -> None:
    browser, agent = administrator(), house.agent.pk
    address = reverse("desk:edit-client", args=[house.client.public_id])
    answer = browser.post(address, filled_in(browser.get(address), consultant=agent, substitute=agent))
    assert "must be somebody else" in answer.text
    answer = browser.post(address, filled_in(browser.get(address), substitute=agent))
    assert "needs a consultant to stand in for" in answer.text
    for consultant in (house.agent, None):
        with pytest.raises(IntegrityError, match="substitute_is_another"), transaction.atomic():
            Client.objects.filter(pk=house.client.pk).update(consultant=consultant, substitute=house.agent)


def test_a_vip_client_gets_consultant_and_substitute(house: House) -> None:
    browser, second = administrator(), make_agent("Pēteris Zars")
    address = reverse("desk:edit-client", args=[house.client.public_id])
    values = filled_in(browser.get(address), plan="vip", consultant=house.agent.pk, substitute=second.pk)
    assert browser.post(address, values).status_code == 302
    house.client.refresh_from_db()
    assert (house.client.plan, house.client.substitute) == (Plan.VIP, second)


def test_a_consultant_who_has_left_stays_until_replaced(house: House) -> None:
    Client.objects.filter(pk=house.client.pk).update(consultant=house.agent)
    left = make_agent("Left Long Ago")
    for agent in Agent.objects.all():
        agent.user.is_active = False
        agent.user.save()
    page = administrator().get(reverse("desk:edit-client", args=[house.client.public_id]))
    offered = [value for value, _ in page.context["form"].fields["consultant"].choices]
    assert house.agent.pk in offered
    assert left.pk not in offered


def test_vat_numbers_that_are_stored_already_do_not_stop_other_changes(house: House) -> None:
    Client.objects.filter(pk=house.client.pk).update(vat_id="LV00000000001")
    browser = administrator()
    address = reverse("desk:edit-client", args=[house.client.public_id])
    assert browser.post(address, filled_in(browser.get(address), name="Sirds un plaušas")).status_code == 302


def test_the_second_of_two_editors_is_told_and_nothing_is_overwritten(house: House) -> None:
    first, second = administrator(), administrator()
    address = reverse("desk:edit-client", args=[house.client.public_id])
    seen_by_first, seen_by_second = first.get(address), second.get(address)
    assert first.post(address, filled_in(seen_by_first, name="First")).status_code == 302
    answer = second.post(address, filled_in(seen_by_second, name="Second & last"))
    assert answer.status_code == 422
    assert "Somebody else has saved this" in answer.text
    assert "Second &amp; last" in answer.text
    assert Client.objects.get(pk=house.client.pk).name == "First"
    assert second.post(address, filled_in(answer)).status_code == 422, "insisting does not overwrite either"
    del (values := filled_in(seen_by_first, name="Third"))["revision"]
    assert first.post(address, values).status_code == 422, "nor does a form without its revision"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_the_same_moment_one_wins() -> None:
    client = make_house().client

    def save(name: str) -> None:
        row = Client.objects.get(pk=client.pk)
        row.name = name
        save_revised(row, seen=1)

    results = all_at_once(*(lambda name=name: save(name) for name in ("First", "Second", "Third")))
    assert kinds(results).count(ChangedMeanwhile.__name__) == 2
    client.refresh_from_db()
    assert client.revision == 2
