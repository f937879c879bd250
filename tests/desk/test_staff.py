"""The people of the house at the desk: found, added, invited, changed, deactivated, activated again."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.urls import reverse

from answering.accounts.errors import LastAdministrator, StaffError
from answering.accounts.models import Agent, Presence, StaffChange, StaffRole, User
from answering.accounts.services.staff import deactivate
from answering.outbox.models import Delivery
from calls.models import Disposition, OfferOutcome
from calls.services.colleagues import end_finished
from calls.services.commands import close_call, end_call
from clients.models import Client, Plan
from tests.calls.threads import all_at_once, kinds
from tests.cast import PASSWORD, House, make_agent, make_client, make_user, ring, talk
from tests.desk.house_desk import signed_in, supervisor, those_kept_out
from tests.desk.office import filled_in


@pytest.fixture
def boss(house: House) -> User:
    return make_user("Ieva Zariņa", staff_role=StaffRole.ADMINISTRATOR)


def page_of(person: User, name: str = "person") -> str:
    return reverse(f"desk:{name}", args=[person.public_id])


def change(by: User, person: User, **changes: object) -> Any:
    browser, address = signed_in(by), page_of(person)
    return browser.post(address, filled_in(browser.get(address), **changes))


def send_away(by: User, person: User, **changes: object) -> Any:
    browser, address = signed_in(by), page_of(person, "deactivate-person")
    return browser.post(address, filled_in(browser.get(address), **changes))


def link_in_last_letter(to: str) -> str:
    body = Delivery.objects.filter(recipient=to).latest("pk").body
    found = re.search(r"https?://[^/\s]+(/\S+)", body)
    assert found is not None
    return found[1]


def choose_password(link: str, password: str) -> str:
    """What the page says in the end to who follows the link with a browser of their own."""
    browser = Browser()
    page = browser.get(link, follow=True)
    if "password1" not in page.text:
        return page.text
    address = page.request["PATH_INFO"]
    return browser.post(address, {"password1": password, "password2": password}, follow=True).text


def test_colleagues_are_found_without_accents_with_what_they_do(house: House, boss: User) -> None:
    make_agent("Ρήγας Φεραίος", languages="el")
    gone = make_user("Gone Long Ago", staff_role=StaffRole.AGENT, is_active=False)
    browser = signed_in(boss)
    everybody = browser.get(reverse("desk:staff"))
    assert [each.person.full_name for each in everybody.context["rows"]] == [
        "Ieva Zariņa",
        "Nora Kalna",
        "Ρήγας Φεραίος",
    ]
    nora = everybody.context["rows"][1]
    assert (nora.languages, nora.row.state, nora.person.cleared) == (["en", "lv"], "available", 1)
    assert everybody.context["rows"][0].row is None, "an administrator takes no calls"
    assert "Ρήγας" in browser.get(reverse("desk:staff"), {"q": "ρηγασ"}).text
    assert "Ieva" in browser.get(reverse("desk:staff"), {"q": "ZARINA"}).text
    assert "Nobody is found" in browser.get(reverse("desk:staff"), {"q": "x\x00" * 40}).text
    assert gone.full_name not in everybody.text
    assert gone.full_name in browser.get(reverse("desk:staff"), {"left": "on"}).text


def test_the_list_costs_the_same_however_many_there_are(
    house: House, boss: User, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    browser = signed_in(boss)
    with django_assert_num_queries(5):  # type: ignore[operator]
        browser.get(reverse("desk:staff"))
    for name in ("Anna", "Berta", "Ella"):
        make_agent(name, clients=(house.client,))
    with django_assert_num_queries(5):  # type: ignore[operator]
        browser.get(reverse("desk:staff"))


def test_supervisors_read_and_administrators_change(house: House, boss: User) -> None:
    nora = house.agent.user
    reader = supervisor()
    assert "Nora Kalna" in reader.get(reverse("desk:staff")).text
    page = reader.get(page_of(nora))
    assert nora.email in page.text
    assert "<form" not in page.text.split("<main", 1)[1]
    reader.post(page_of(nora), {"full_name": "Mine", "role": "administrator"})
    for name in ("invite-person", "deactivate-person", "reactivate-person"):
        assert reader.post(page_of(nora, name)).status_code == 404
    assert reader.get(reverse("desk:new-person")).status_code == 404
    nora.refresh_from_db()
    assert (nora.full_name, nora.is_active) == ("Nora Kalna", True)


def test_nobody_else_finds_the_pages_of_staff(house: House, boss: User) -> None:
    nora = house.agent.user
    names = ("person", "person-clients", "deactivate-person")
    addresses = [reverse("desk:staff"), reverse("desk:new-person"), *(page_of(nora, name) for name in names)]
    addresses.append(reverse("desk:client-agents", args=[house.client.public_id]))
    for browser in those_kept_out(house):
        assert {browser.get(address).status_code for address in addresses} == {404}
        assert {browser.post(address).status_code for address in addresses[1:]} == {404}
    assert {Browser().get(address).status_code for address in addresses} == {302}
    assert signed_in(boss).get(page_of(make_user("A client's"))).status_code == 404


def test_a_colleague_is_added_chooses_a_password_by_the_letter_and_takes_calls(house: House, boss: User) -> None:
    browser = signed_in(boss)
    form = filled_in(browser.get(reverse("desk:new-person")), full_name="Zane Kļava", email="Zane@Example.test")
    answer = browser.post(reverse("desk:new-person"), form | {"role": "agent", "speaks": ["lv"], "language": "en"})
    zane = User.objects.get(email="zane@example.test")
    assert answer["Location"] == page_of(zane, "person-clients"), "the next thing is to clear them for clients"
    assert zane.is_invited
    assert [each.language for each in zane.agent.languages.all()] == ["lv"]
    link = link_in_last_letter(zane.email)
    assert "Your password is saved" in choose_password(link, "quite a long secret")
    assert "This link does not work any more" in choose_password(link, "another long secret")
    zane.refresh_from_db()
    assert zane.check_password("quite a long secret")
    entered = Browser()
    entered.post(reverse("account_login"), {"login": zane.email, "password": "quite a long secret"})
    assert entered.get(reverse("console:console")).status_code == 200
    assert "has a password already" in browser.post(page_of(zane, "invite-person"), follow=True).text


def test_an_invitation_is_sent_again_and_a_mistyped_address_is_put_right(house: House, boss: User) -> None:
    browser = signed_in(boss)
    form = filled_in(browser.get(reverse("desk:new-person")), full_name="Zane", email="zame@example.test", role="agent")
    browser.post(reverse("desk:new-person"), form)
    zane = User.objects.get(email="zame@example.test")
    lost = link_in_last_letter(zane.email)
    browser.post(page_of(zane, "invite-person"))
    assert Delivery.objects.filter(recipient=zane.email).count() == 2
    change(boss, zane, email="zane@example.test")
    assert "does not work any more" in choose_password(lost, "quite a long secret")
    assert "Your password is saved" in choose_password(link_in_last_letter("zane@example.test"), "quite a long secret")


WRONG = [
    ({"full_name": ""}, "This field is required."),
    ({"email": "no address"}, "Enter a valid email address."),
    ({"email": "OWNER@example.test"}, "Somebody signs in with this e-mail already"),
    ({"role": ""}, "This field is required."),
    ({"role": "queen"}, "queen is not one of the available choices"),
    ({"role": "administrator"}, "Administrators take no calls"),
    ({"speaks": ["xx"]}, "xx is not one of the available choices"),
    ({"time_zone": "Mars/Base"}, "is not one of the available choices"),
]


@pytest.mark.parametrize(("changes", "sentence"), WRONG)
def test_bad_input_changes_nothing_and_is_told(
    house: House, boss: User, changes: dict[str, object], sentence: str
) -> None:
    User.objects.create_user("owner@example.test", full_name="Owner")
    answer = change(boss, house.agent.user, **({"full_name": "Other"} | changes))
    assert answer.status_code == 422
    assert sentence in answer.text
    nora = User.objects.get(pk=house.agent.user.pk)
    assert (nora.full_name, nora.revision, nora.staff_role) == ("Nora Kalna", 1, "agent")
    assert not StaffChange.objects.exists()


def test_with_a_new_address_the_old_one_is_told_and_signs_in_no_more(house: House, boss: User) -> None:
    nora = house.agent.user
    old = nora.email
    EmailAddress.objects.create(user=nora, email=old, primary=True, verified=True)  # django-allauth's own record
    assert change(boss, nora, email="new@example.test").status_code == 302
    assert set(Delivery.objects.values_list("recipient", flat=True)) == {old, "new@example.test"}
    for address, is_in in ((old, False), ("new@example.test", True)):
        browser = Browser()
        browser.post(reverse("account_login"), {"login": address, "password": PASSWORD})
        assert ("_auth_user_id" in browser.session) == is_in


def test_the_second_of_two_editors_is_told_and_nothing_is_overwritten(house: House, boss: User) -> None:
    nora = house.agent.user
    first, second = signed_in(boss), signed_in(make_user("Second", staff_role=StaffRole.ADMINISTRATOR))
    seen_by_first, seen_by_second = first.get(page_of(nora)), second.get(page_of(nora))
    assert first.post(page_of(nora), filled_in(seen_by_first, full_name="First")).status_code == 302
    answer = second.post(page_of(nora), filled_in(seen_by_second, full_name="Second & last"))
    assert answer.status_code == 422
    assert "Somebody else has saved this" in answer.text
    assert "Second &amp; last" in answer.text
    assert second.post(page_of(nora), filled_in(answer)).status_code == 422, "insisting does not overwrite either"
    assert User.objects.get(pk=nora.pk).full_name == "First"


def test_a_language_that_somebody_chose_for_themselves_is_not_overwritten(house: House, boss: User) -> None:
    browser, nora = signed_in(boss), house.agent.user
    seen = browser.get(page_of(nora))
    signed_in(nora).post(reverse("choose_language"), {"language": "el"})
    assert browser.post(page_of(nora), filled_in(seen)).status_code == 422


def test_role_languages_and_address_are_logged_with_who_did_it_for_good(house: House, boss: User) -> None:
    nora = house.agent.user
    change(boss, nora, role="supervisor", speaks=["lv", "lt"], email="nora@example.test")
    logged = StaffChange.objects.filter(person=nora, changed_by=boss).order_by("pk")
    assert [(each.kind, each.before, each.after) for each in logged] == [
        ("email", nora.email, "nora@example.test"),
        ("role", "agent", "supervisor"),
        ("languages", "en lv", "lt lv"),
    ]
    page = signed_in(boss).get(page_of(nora)).text
    assert "agent →" in page
    assert "Latvian" in page
    for act in (lambda: logged.update(after="x"), lambda: logged.filter(kind="role").delete()):
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            act()


def test_who_becomes_an_administrator_takes_no_calls_any_more(house: House, boss: User) -> None:
    nora = house.agent.user
    client = make_client("Baltė", consultant=house.agent, plan=Plan.VIP)
    assert "Hand them over first" in change(boss, nora, role="administrator", speaks=[]).text
    Client.objects.filter(pk=client.pk).update(plan=Plan.STANDARD, consultant=None)
    call = ring(house.line)
    talk(call, house.agent)
    assert "is in a call" in change(boss, nora, role="administrator", speaks=[]).text
    end_call(call.pk, agent=house.agent)
    close_call(call.pk, agent=house.agent, disposition=Disposition.WRONG_NUMBER)
    assert change(boss, nora, role="administrator", speaks=[]).status_code == 302
    agent = Agent.objects.get(pk=house.agent.pk)
    assert agent.presence == Presence.OFFLINE
    assert not agent.clearances.exists()
    assert not agent.languages.exists()


def test_who_is_no_administrator_any_more_loses_the_hatch(house: House, boss: User) -> None:
    keeper = User.objects.create_superuser("keeper@example.test", PASSWORD, full_name="Kārlis")
    assert change(boss, keeper, role="supervisor").status_code == 302
    assert signed_in(keeper).get(reverse("admin:index")).status_code != 200


def test_nobody_changes_their_own_role_or_deactivates_themselves(house: House, boss: User) -> None:
    assert change(boss, boss, role="agent", full_name="Ieva").status_code == 302
    boss.refresh_from_db()
    assert (boss.staff_role, boss.full_name) == ("administrator", "Ieva")
    assert "Another administrator has to do this" in send_away(boss, boss).text


def test_the_last_administrator_who_can_sign_in_stays(house: House, boss: User) -> None:
    invited = User.objects.create_user("invited@example.test", full_name="Invited", staff_role=StaffRole.ADMINISTRATOR)
    assert "only administrator" in send_away(invited, boss).text
    assert "only administrator" in change(invited, boss, role="supervisor").text
    boss.refresh_from_db()
    assert boss.is_administrator


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_remove_each_other_leave_one() -> None:
    first, second = (make_user(name, staff_role=StaffRole.ADMINISTRATOR) for name in ("First", "Second"))
    results = all_at_once(
        lambda: deactivate(first, finishes_call=False, revision=1, by=second),
        lambda: deactivate(second, finishes_call=False, revision=1, by=first),
    )
    assert sorted(kinds(results), key=str) == sorted([User.__name__, LastAdministrator.__name__])
    assert User.objects.able_administrators().count() == 1


def test_who_leaves_is_out_at_once_and_what_waited_for_them_goes_on(
    house: House, boss: User, django_capture_on_commit_callbacks: Any
) -> None:
    nora, second = house.agent.user, make_agent("Zane", clients=(house.client,))
    browser, call = signed_in(nora), ring(house.line)
    assert call.offers.get().agent == house.agent
    with django_capture_on_commit_callbacks(execute=True):
        assert send_away(boss, nora).status_code == 302
    assert browser.get(reverse("console:console")).status_code == 302
    assert call.offers.get(agent=house.agent).outcome == OfferOutcome.LOST
    assert call.offers.get(agent=second).outcome == OfferOutcome.OPEN
    assert "Not active" in signed_in(boss).get(page_of(nora)).text


def test_a_call_that_runs_is_finished_by_who_leaves_and_by_nothing_else(house: House, boss: User) -> None:
    nora, browser = house.agent.user, signed_in(house.agent.user)
    call = talk(ring(house.line), house.agent)
    assert "not cut off" in signed_in(boss).get(page_of(nora, "deactivate-person")).text
    assert send_away(boss, nora).status_code == 302
    assert browser.get(reverse("console:console")).status_code == 200
    fresh = Browser()
    fresh.post(reverse("account_login"), {"login": nora.email, "password": PASSWORD})
    assert "_auth_user_id" not in fresh.session
    assert end_finished() == 0
    end_call(call.pk, agent=house.agent)
    assert end_finished() == 0, "the message of the call may still be written"
    close_call(call.pk, agent=house.agent, disposition=Disposition.WRONG_NUMBER)
    assert end_finished() == 1
    assert browser.get(reverse("console:console")).status_code == 302


def test_before_the_call_is_closed_it_is_undone_as_if_nothing_had_been(house: House, boss: User) -> None:
    nora, browser = house.agent.user, signed_in(house.agent.user)
    talk(ring(house.line), house.agent)
    send_away(boss, nora)
    nora.refresh_from_db()
    signed_in(boss).post(page_of(nora, "reactivate-person"), {"revision": nora.revision})
    assert browser.get(reverse("console:console")).status_code == 200
    nora.refresh_from_db()
    assert (nora.is_active, nora.finishes_call, nora.has_usable_password()) == (True, False, True)
    assert not Delivery.objects.exists()


def test_a_supervisor_who_leaves_during_a_call_loses_the_desk_at_once(house: House, boss: User) -> None:
    User.objects.filter(pk=house.agent.user.pk).update(staff_role=StaffRole.SUPERVISOR)
    browser = signed_in(house.agent.user)
    talk(ring(house.line), house.agent)
    send_away(boss, house.agent.user)
    assert browser.get(reverse("desk:live")).status_code == 404
    assert browser.get(reverse("console:console")).status_code == 200


def test_the_clients_of_who_leaves_go_to_a_successor_in_the_same_step(house: House, boss: User) -> None:
    nora, zane, pavel = house.agent, make_agent("Zane"), make_agent("Pāvels")
    make_client("One", consultant=nora, plan=Plan.VIP, substitute=zane)
    make_client("Two", consultant=zane, plan=Plan.VIP, substitute=nora)
    make_client("Three", consultant=pavel, substitute=nora)
    page = signed_in(boss).get(page_of(nora.user, "deactivate-person")).text
    assert "Consultant of One (VIP)" in page
    assert "Substitute for Two (VIP)" in page
    assert send_away(boss, nora.user).status_code == 422
    assert User.objects.get(pk=nora.user.pk).is_active
    assert send_away(boss, nora.user, successor=zane.pk).status_code == 302
    found = Client.objects.exclude(consultant=None).values_list("name", "consultant", "substitute", "revision")
    assert set(found) == {
        ("One", zane.pk, None, 2),
        ("Two", zane.pk, None, 2),
        ("Three", pavel.pk, zane.pk, 2),
    }


def test_who_comes_back_chooses_a_new_password_and_no_old_session_revives(house: House, boss: User) -> None:
    nora, old = house.agent.user, signed_in(house.agent.user)
    send_away(boss, nora)
    nora.refresh_from_db()
    desk = signed_in(boss)
    assert (
        "Somebody else has saved" in desk.post(page_of(nora, "reactivate-person"), {"revision": "1"}, follow=True).text
    )
    desk.post(page_of(nora, "reactivate-person"), {"revision": nora.revision})
    nora.refresh_from_db()
    assert nora.is_invited
    assert old.get(reverse("console:console")).status_code == 302
    assert "Your password is saved" in choose_password(link_in_last_letter(nora.email), "quite a long secret")
    assert house.agent.clearances.exists(), "what they were cleared for is kept"


def test_errors_of_staff_are_sentences() -> None:
    assert all(str(kind()) for kind in StaffError.__subclasses__())
