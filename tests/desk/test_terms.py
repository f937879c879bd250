"""Terms at the desk: announcing a change, and following who has read it."""

import re
from datetime import timedelta
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from answering.accounts.models import StaffRole, User
from answering.lib import clock
from answering.outbox.models import Delivery, DeliveryState
from billing.models import TariffVersion
from clients.models import Announcement, Client
from clients.services.announcements import acknowledge, earliest_effect
from clients.tasks import tell_of_changes
from tests.cast import House, make_client, make_member, make_tariff
from tests.desk.office import administrator, filled_in, signed_in_as

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?')


@pytest.fixture
def owner(house: House) -> User:
    return make_member(house.client)


def page_of(name: str, house: House, *more: object) -> str:
    return reverse(f"desk:{name}", args=[house.client.public_id, *more])


def announced(browser: Browser, address: str, **changes: object) -> Any:
    """Filled in, previewed, and what the preview holds sent, if there is one."""
    values = filled_in(browser.get(address), **changes)
    preview = browser.post(address, values)
    if preview.status_code != 200:
        return preview
    assert not Announcement.objects.exists(), "a preview sends nothing"
    assert "This will be sent" in preview.text
    shown = preview.text.partition('<form class="panel-foot"')[2].partition("</form>")[0]
    sent = [(name, unescape(value)) for name, value in HIDDEN.findall(shown)]
    values = {name: [value for other, value in sent if other == name] for name, _value in sent}
    return browser.post(address, values | {"send": "1"}, follow=True)


def test_a_change_of_contract_is_shown_first_then_sent_and_written_down(house: House, owner: User) -> None:
    browser, address = administrator(), page_of("announce-contract", house)
    words = {"note_lv": "Turpmāk ātrāk.", "note_en": "Faster from now on.", "response_hours": "4"}
    answer = announced(browser, address, **words)
    assert "1 owner is told." in answer.text
    announcement = Announcement.objects.get()
    assert announcement.terms == {"response_seconds": 4 * 3600}
    assert announcement.author is not None
    assert "8 working hours → 4 working hours" in announcement.text_for("en").body
    assert "Faster from now on." in Delivery.objects.get(recipient=owner.email).body
    assert "Turpmāk ātrāk." in announcement.text_for("lv").body
    stale = filled_in(browser.get(address), seen=1) | {"send": "1"}
    assert "Nothing would change" in browser.post(address, stale).text, "sent twice it is announced once"
    assert "Somebody else has saved this" in browser.post(address, stale | {"response_hours": "3"}).text
    assert Announcement.objects.count() == 1


def test_the_next_change_of_contract_starts_from_the_last_one_announced(house: House, owner: User) -> None:
    browser, address = administrator(), page_of("announce-contract", house)
    day = f"{clock.now() + timedelta(days=60):%Y-%m-%d}"
    announced(browser, address, response_hours="4", effective_on=day)
    values = filled_in(browser.get(address))
    assert (values["response_hours"], str(values["effective_on"])) == ("4", day)
    assert "4 working hours → 8 working hours" in browser.post(address, values | {"response_hours": "8"}).text


def test_words_alone_are_an_announcement_too(house: House) -> None:
    answer = announced(administrator(), page_of("announce-contract", house), note_lv="Mainās mūsu adrese.")
    assert "Nobody owns this client&#x27;s portal yet" in answer.text
    owner = make_member(house.client)
    tell_of_changes()
    assert "Mainās mūsu adrese." in Delivery.objects.get(recipient=owner.email).body


WRONG = [
    ({}, "Nothing would change"),
    ({"plan": "vip"}, "A VIP client needs a consultant."),
    ({"notice_days": 60, "effective_on": "2020-01-01"}, "Choose a day after today, within five years."),
    ({"notice_days": 400}, "less than or equal to 365"),
    ({"effective_on": "tomorrow", "notice_days": 60}, "Enter a valid date."),
]


@pytest.mark.parametrize(("changes", "sentence"), WRONG)
def test_what_cannot_be_announced_is_told_and_nobody_gets_a_letter(
    house: House, owner: User, changes: dict[str, object], sentence: str
) -> None:
    answer = announced(administrator(), page_of("announce-contract", house), **changes)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert not Announcement.objects.exists()
    assert not Delivery.objects.exists()


def test_new_prices_are_new_figures_in_the_tariff_as_it_is(house: House, owner: User) -> None:
    browser, address = administrator(), page_of("announce-prices", house)
    answer = announced(browser, address, rate_0_0="0.0180", fee_0="0.10", cap_0="9.5", bills_hold="on", wrap_up=30)
    assert answer.status_code == 200
    version = TariffVersion.objects.get(number=2)
    assert version.valid_from == earliest_effect(house.client)
    tariff = version.call_tariff()
    assert [str(tariff.slots[0].steps[0].rate), str(tariff.slots[0].connect_fee)] == ["0.0180", "0.10"]
    assert (str(tariff.slots[0].max_cost), version.bills_hold) == ("9.5", True)
    assert version.announcement is not None
    body = version.announcement.text_for("en").body.replace("\xa0", " ")
    for words in ("0.0150 €/s → 0.0180 €/s", "Connection fee: €0.00 → €0.10", "Cap on a call: none → €9.50"):
        assert words in body
    again = browser.post(address, filled_in(browser.get(address), rate_0_0="0.02", seen=1, wrap_up=30) | {"send": "1"})
    assert again.status_code == 422
    assert TariffVersion.objects.count() == 2


def test_a_cap_on_the_whole_tariff_is_seen_and_can_be_removed(house: House, owner: User) -> None:
    house.tariff.definition["max_cost"] = "15"
    house.tariff.save()
    browser, address = administrator(), page_of("announce-prices", house)
    assert filled_in(browser.get(address))["cap"] == "15"
    announced(browser, address, rate_0_0="0.0150", fee_0="0", cap="", wrap_up="0")
    version = TariffVersion.objects.get(number=2)
    assert version.call_tariff().max_cost is None
    assert version.announcement is not None
    assert "Cap on a call: €15.00 → none" in version.announcement.text_for("en").body.replace("\xa0", " ")


def test_sooner_than_agreed_needs_a_reason_for_prices_as_well(house: House, owner: User) -> None:
    soon = {"rate_0_0": "0.01", "wrap_up": "0", "effective_on": f"{clock.now() + timedelta(days=2):%Y-%m-%d}"}
    browser, address = administrator(), page_of("announce-prices", house)
    assert "30 days of notice are agreed" in announced(browser, address, **soon).text
    assert announced(browser, address, **soon, reason="Jūsu labā").status_code == 200
    assert "Jūsu labā" in Delivery.objects.get().body


@pytest.mark.parametrize("name", ["announce-contract", "announce-prices"])
def test_a_change_begins_after_today_and_not_in_a_far_year(house: House, owner: User, name: str) -> None:
    browser, address = administrator(), page_of(name, house)
    changes = {"notice_days": "60", "rate_0_0": "0.01", "wrap_up": "0", "reason": "Jūsu labā"}
    values = filled_in(browser.get(address), **changes)
    today = timezone.localdate(timezone=ZoneInfo(house.client.time_zone))
    for day in (today, "0001-01-01", "0026-12-01", "2500-01-01", "9999-12-31"):
        answer = browser.post(address, values | {"effective_on": str(day), "send": "1"})
        assert answer.status_code == 422, day
        assert "Choose a day after today, within five years." in answer.text, day
    assert not Announcement.objects.exists()


def test_the_desk_follows_letters_and_confirmations(
    house: House, owner: User, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    second = make_member(house.client, "Otrā")
    browser = administrator()
    announced(browser, page_of("announce-contract", house), notice_days=60)
    announcement = Announcement.objects.get()
    acknowledge(announcement, user=second, digest=announcement.text_for("en").digest)
    Delivery.objects.filter(recipient=owner.email).update(state=DeliveryState.DEAD, last_error="No such mailbox")
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        listed = browser.get(page_of("terms", house)).text
    assert "Letter not delivered" in listed
    address = page_of("announcement", house, announcement.public_id)
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        shown = browser.get(address).text
    for words in (owner.email, second.email, "No such mailbox", "Send again what was given up", "not yet"):
        assert words in shown
    browser.post(page_of("announcement-again", house, announcement.public_id))
    assert not Delivery.objects.filter(state=DeliveryState.DEAD).exists()
    assert "Send again" not in browser.get(address).text


def test_terms_that_change_at_once_are_told_with_the_reason(house: House, owner: User) -> None:
    browser, address = administrator(), page_of("edit-client", house)
    values = filled_in(browser.get(address), services=["messages", "orders"])
    refused = browser.post(address, values)
    assert refused.status_code == 422
    assert "30 days of notice are agreed. Say why this holds at once" in refused.text
    assert browser.post(address, values | {"why_at_once": "Jūs to lūdzāt."}).status_code == 302
    announcement = Announcement.objects.get()
    assert announcement.in_force_at is not None
    assert announcement.terms == {"services": ["messages", "orders"]}
    assert "Jūs to lūdzāt." in Delivery.objects.get().body
    assert Client.objects.get(pk=house.client.pk).services == ["messages", "orders"]
    assert browser.post(address, filled_in(browser.get(address), name="Sirds")).status_code == 302
    assert Announcement.objects.count() == 1, "a name is not among the terms"


def test_while_there_are_no_prices_or_no_owner_nothing_needs_telling(house: House) -> None:
    free = make_client("Baltė")
    make_member(free)
    for client in (house.client, free):
        browser, address = administrator(), reverse("desk:edit-client", args=[client.public_id])
        assert browser.post(address, filled_in(browser.get(address), notice_days=45)).status_code == 302
    assert not Announcement.objects.exists()


def test_only_administrators_find_terms_and_only_of_that_client(house: House, owner: User) -> None:
    browser = administrator()
    announced(browser, page_of("announce-contract", house), notice_days=60)
    announcement = Announcement.objects.get()
    other = make_client("Baltė")
    make_tariff(other)
    names: list[tuple[str, tuple[object, ...]]] = [
        ("terms", ()),
        ("announce-contract", ()),
        ("announce-prices", ()),
        ("announcement", (announcement.public_id,)),
    ]
    kept_out = [signed_in_as(StaffRole.SUPERVISOR), signed_in_as(StaffRole.AGENT), Browser()]
    kept_out[2].force_login(owner)
    for name, more in names:
        address = page_of(name, house, *more)
        assert browser.get(address).status_code == 200
        assert [each.get(address).status_code for each in kept_out] == [404] * 3
    assert browser.get(reverse("desk:announcement", args=[other.public_id, announcement.public_id])).status_code == 404
    Client.objects.filter(pk=other.pk).update(closed_at=clock.now())
    assert browser.get(reverse("desk:announce-contract", args=[other.public_id])).status_code == 404
