"""Terms in the portal: what changes, confirmed by owners, and how far the setting up is."""

from uuid import uuid4

import pytest
from django.test import Client as Browser
from django.urls import reverse

from answering.accounts.models import User
from clients.announcement_text import Wording
from clients.models import Acknowledgement, Announcement, AnnouncementKind
from clients.services.announcements import Announced, announce, earliest_effect
from tests.cast import House, make_client, make_member, ring, talk
from tests.portal.test_company_calls import signed_in

TERMS, SET_UP = reverse("portal:terms"), reverse("portal:set-up")


@pytest.fixture
def owner(house: House) -> User:
    return make_member(house.client)


@pytest.fixture
def announcement(house: House, owner: User) -> Announcement:
    wording = Wording(notes={"lv": "Atbildam arī sestdienās."})
    return announce(house.client, AnnouncementKind.CONTRACT, Announced(earliest_effect(house.client), None, wording))


def address(announcement: Announcement) -> str:
    return reverse("portal:announcement", args=[announcement.public_id])


def confirm(browser: Browser, announcement: Announcement, digest: str) -> int:
    to = reverse("portal:confirm-announcement", args=[announcement.public_id])
    return browser.post(to, {"text": digest}).status_code


def test_the_banner_stays_until_the_owner_has_confirmed_what_the_page_shows(
    house: House, owner: User, announcement: Announcement
) -> None:
    browser, calls = signed_in(owner), reverse("portal:calls")
    assert address(announcement) in browser.get(calls).text
    page = browser.get(address(announcement))
    assert "Atbildam arī sestdienās." in page.text
    digest = page.context["text"].digest
    assert digest in page.text
    assert confirm(browser, announcement, digest) == 302
    assert confirm(browser, announcement, digest) == 302
    row = Acknowledgement.objects.get()
    assert (row.user, row.digest, row.text.body) == (owner, digest, page.context["text"].body)
    assert address(announcement) not in browser.get(calls).text
    assert "You have confirmed" in browser.get(TERMS).text
    assert "Ilze Krūma" in browser.get(address(announcement)).text


def test_what_was_never_shown_cannot_be_confirmed(owner: User, announcement: Announcement) -> None:
    browser = signed_in(owner)
    for digest in ("", "0" * 64, "\x00"):
        assert confirm(browser, announcement, digest) == 302
    assert "Nothing was noted." in browser.get(address(announcement)).text
    assert not Acknowledgement.objects.exists()


def test_who_does_not_own_the_company_finds_nothing(house: House, announcement: Announcement) -> None:
    member = make_member(house.client, "Jānis Liepa", role="member", may_see_prices=True)
    stranger = make_member(make_client("Baltė"), "Rūta Kazlauskienė")
    digest = announcement.text_for("en").digest
    for user in (member, house.agent.user):
        browser = signed_in(user)
        for page in (TERMS, SET_UP, address(announcement)):
            assert browser.get(page).status_code == 404
        assert confirm(browser, announcement, digest) == 404
    browser = signed_in(stranger)
    assert browser.get(address(announcement)).status_code == 404
    assert confirm(browser, announcement, digest) == 404
    assert str(announcement.public_id) not in browser.get(TERMS).text
    assert str(announcement.public_id) not in signed_in(member).get(reverse("portal:calls")).text
    assert browser.get(reverse("portal:announcement", args=[uuid4()])).status_code == 404
    assert Browser().get(TERMS).status_code == 302
    assert not Acknowledgement.objects.exists()


def test_a_second_owner_is_asked_as_well_and_another_company_s_page_shows_no_banner(
    house: House, owner: User, announcement: Announcement
) -> None:
    make_client("Baltė").memberships.create(user=owner, role="owner")
    browser = signed_in(owner)
    browser.post(reverse("portal:company"), {"company": str(house.client.public_id)})
    assert address(announcement) in browser.get(reverse("portal:calls")).text
    other = owner.memberships.exclude(client=house.client).get().client
    browser.post(reverse("portal:company"), {"company": str(other.public_id)})
    assert address(announcement) not in browser.get(reverse("portal:calls")).text


def test_the_letter_s_link_opens_the_company_that_it_is_about(house: House, announcement: Announcement) -> None:
    other = make_client("Alfa")
    both = make_member(house.client, "Abi Divi")
    other.memberships.create(user=both, role="member")
    browser = signed_in(both)
    assert browser.get(reverse("portal:home"), follow=True).context["company"] == other, "the first by name"
    page = browser.get(address(announcement), follow=True)
    assert (page.status_code, page.context["company"]) == (200, house.client)
    browser.post(reverse("portal:company"), {"company": str(other.public_id)})
    assert confirm(browser, announcement, page.context["text"].digest) == 302, "chosen elsewhere meanwhile"
    assert Acknowledgement.objects.get().user == both


def test_terms_show_what_holds_now_in_a_bounded_number_of_queries(
    house: House, owner: User, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    for day in range(32):
        said = Announced(earliest_effect(house.client), None, Wording(notes={"en": f"Number {day}."}))
        announce(house.client, AnnouncementKind.CONTRACT, said)
    browser = signed_in(owner)
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        page = browser.get(TERMS)
    for words in ("8 working hours", "30 days", "0.0150", "free of charge"):
        assert words in page.text
    assert len(page.context["rows"]) == 30
    assert len(browser.get(TERMS, {"before": str(page.context["page"].older)}).context["rows"]) == 2


def test_the_owner_sees_what_waits_for_whom(
    house: House, owner: User, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    browser = signed_in(owner)
    assert SET_UP in browser.get(reverse("portal:calls")).text
    with django_assert_max_num_queries(17):  # type: ignore[operator]
        page = browser.get(SET_UP)
    assert page.context["progress"].done == 5
    assert "2 steps wait for you" in page.text
    assert "Tell us your VAT number" in page.text
    assert reverse("phone:page", args=[house.line.slug]) in page.text
    talk(ring(house.line), house.agent)
    assert SET_UP not in browser.get(reverse("portal:calls")).text, "the navigation has room for what is needed daily"
    house.client.vat_id = "LV40003521600"
    house.client.save()
    assert "Everything is ready" in browser.get(SET_UP).text


def test_nothing_can_be_called_before_there_is_a_line_with_words(house: House, owner: User) -> None:
    house.line.is_active = False
    house.line.save()
    page = signed_in(owner).get(SET_UP)
    assert reverse("phone:page", args=[house.line.slug]) not in page.text
    assert page.context["progress"].yours == 2
