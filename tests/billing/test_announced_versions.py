"""A new version of a tariff is announced in the transaction that makes it."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.urls import reverse

from answering.accounts.models import User
from answering.lib import clock
from answering.outbox.models import Delivery
from billing.models import Tariff, TariffVersion
from billing.rating import TariffInvalid
from billing.tariff_words import describe_change
from billing.terms import Prices, VersionExists, make_tariff_version
from clients.announcement_text import Wording
from clients.errors import BeginningInvalid, NothingChanges, NoticeTooShort
from clients.models import Announcement
from clients.services.announcements import Announced, earliest_effect
from tests.cast import House, make_client, make_member

Step = dict[str, Any]


def slot(*rates: Step, start: str = "00:00:00", weight: int = 10, **other: Any) -> dict[str, Any]:
    timing = other.pop("timing", {}) | {"start_time": start}
    return {"timing": timing, "connect_fee": "0", "rates": list(rates), "weight": weight} | other


def step(rate: str, unit: int = 1, increment: int = 1, from_s: int = 0) -> Step:
    return {"from_s": from_s, "rate": rate, "unit_s": unit, "increment_s": increment}


def prices(*slots: dict[str, Any], **other: Any) -> Prices:
    flags = {name: other.pop(name) for name in list(other) if name.startswith(("bills", "wrap_up"))}
    return Prices({"timezone": "Europe/Riga", "slots": list(slots)} | other, **flags)


DEARER = prices(slot(step("0.0180")))


def said(effective_at: datetime, reason: str = "") -> Announced:
    return Announced(effective_at, None, Wording(), reason)


def test_a_new_version_is_announced_with_its_figures(house: House) -> None:
    owner = make_member(house.client)
    begins = earliest_effect(house.client)
    version = make_tariff_version(house.tariff.tariff, DEARER, said(begins))
    assert (version.number, version.valid_from) == (2, begins)
    assert version.announcement is not None
    assert version.announcement.effective_at == begins
    letter = Delivery.objects.get(recipient=owner.email)
    assert "Call time: 0.0150 €/s → 0.0180 €/s" in letter.body.replace("\xa0", " ")


def test_the_first_version_is_the_agreement_and_no_change(house: House) -> None:
    client = make_client("Baltė", provider=house.client.provider)
    tariff = Tariff.objects.create(client=client, name="First")
    version = make_tariff_version(tariff, DEARER, said(clock.now() - timedelta(days=1)))
    assert (version.number, version.announcement) == (1, None)
    assert not Announcement.objects.exists()


def test_a_version_that_cannot_be_made_changes_nothing_and_tells_nobody(house: House) -> None:
    make_member(house.client)
    tariff, begins = house.tariff.tariff, earliest_effect(house.client)
    wrong: list[tuple[type[Exception], Callable[[], object]]] = [
        (NoticeTooShort, lambda: make_tariff_version(tariff, DEARER, said(begins - timedelta(seconds=1)))),
        (NothingChanges, lambda: make_tariff_version(tariff, Prices.of(house.tariff), said(begins))),
        (TariffInvalid, lambda: make_tariff_version(tariff, Prices({"slots": "none"}), said(begins))),
        (VersionExists, lambda: make_tariff_version(tariff, DEARER, said(house.tariff.valid_from, "Mistake"))),
        (BeginningInvalid, lambda: make_tariff_version(tariff, DEARER, said(clock.now(), "Calls were charged."))),
    ]
    for error, act in wrong:
        with pytest.raises(error):
            act()
    assert TariffVersion.objects.count() == 1
    assert not Announcement.objects.exists()
    assert not Delivery.objects.exists()


def test_sooner_with_a_reason_and_after_that_frozen(house: House) -> None:
    soon = clock.now() + timedelta(hours=1)
    version = make_tariff_version(house.tariff.tariff, DEARER, said(soon, "Cheaper for you."))
    assert version.announcement is not None
    assert version.announcement.reason == "Cheaper for you."
    rows = TariffVersion.objects.filter(pk=version.pk)
    for act in (lambda: rows.update(bills_hold=True), rows.delete):
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            act()


def test_a_price_list_reads_in_words_and_figures(house: House) -> None:
    week = {"weekdays": [1, 2, 3, 4, 5]}
    new = prices(
        slot(step("1.35", 60, 30), weight=0),
        slot(step("0.90", 60, 30), step("0.45", 60, 60, from_s=300), start="08:00:00", timing=week, max_cost="9"),
        max_cost="15.00",
        bills_hold=True,
        wrap_up_seconds_billed_at_most=30,
    ).version(house.tariff.tariff, clock.now())
    told = {change.label: (change.old, change.new) for change in describe_change(house.tariff, new, "EUR")}
    assert told["Time on hold"] == ("free of charge", "charged as call time")
    assert told["Wrap-up after a call"] == ("free of charge", "at most 30 seconds charged")
    assert told["Cap on a call"] == ("none", "€15.00")
    assert told["Cap on a call, Mon–Fri from 08:00"] == ("", "€9.00")
    office = told["Call time, Mon–Fri from 08:00"]
    assert office[1].count("in steps of") == 2
    assert "from 5:00 on" in office[1]
    assert told["Call time, all days from 00:00"][0] == ""
    assert told["Call time"][1] == ""
    assert "Time of a transfer" not in told
    assert not [label for label in told if label.startswith("Connection fee, ")], "there is none"


def test_the_maintenance_hatch_goes_the_same_way(house: House) -> None:
    owner = make_member(house.client)
    keeper = User.objects.create_superuser("keeper@example.test", full_name="Kārlis Sargs")
    browser = Browser()
    browser.force_login(keeper)
    address = reverse("admin:billing_tariffversion_add")
    soon = clock.now() + timedelta(days=2)
    typed = {
        "tariff": house.tariff.tariff_id,
        "valid_from_0": f"{soon:%Y-%m-%d}",
        "valid_from_1": "00:00:00",
        "definition": json.dumps(DEARER.definition),
        "wrap_up_seconds_billed_at_most": 0,
    }
    refused = browser.post(address, typed)
    assert "30 days of notice are agreed" in refused.text
    late = browser.post(address, typed | {"valid_from_0": "2020-01-01", "reason": "Jūsu labā"})
    assert "Choose a moment to come, within five years." in late.text
    assert TariffVersion.objects.count() == 1
    assert browser.post(address, typed | {"reason": "Jūsu labā"}).status_code == 302
    version = TariffVersion.objects.get(number=2)
    assert version.announcement is not None
    assert (version.announcement.author, version.announcement.reason) == (keeper, "Jūsu labā")
    assert Delivery.objects.get().recipient == owner.email
    assert (
        "<input"
        not in browser.get(reverse("admin:billing_tariffversion_change", args=[version.pk]))
        .context["adminform"]
        .form.as_p()
    )
