"""The letter to the client's contact: their language, the client's zone, a way to the call."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.test import Client as Browser
from pytest_django import Settings
from structlog.testing import capture_logs

from answering.lib import clock
from answering.outbox.models import Delivery
from clients.models import Client
from inquiries.letters import message_letter
from inquiries.models import Urgency
from inquiries.services import take_message
from tests.cast import House, make_member, ring, talk
from tests.inquiries.stories import fields

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 23, 12, 5, tzinfo=UTC)


def letter(house: House, urgency: Urgency = Urgency.NORMAL) -> Delivery:
    said = replace(fields("Pirmā rinda\n\nOtrā rinda <b>&"), urgency=urgency)
    take_message(talk(ring(house.line), house.agent), agent=house.agent, fields=said)
    return Delivery.objects.get()


@pytest.mark.parametrize(
    ("language", "zone", "written"),
    [
        ("lv", "Europe/Riga", "pirmdiena, 2026. gada 23. novembris, 14:05"),
        ("lt", "Europe/Vilnius", "2026 m. lapkričio 23 d., pirmadienis, 14:05"),
        ("el", "Europe/Athens", "Δευτέρα 23 Νοεμβρίου 2026, 14:05"),
        ("en", "Europe/Lisbon", "Monday, November 23, 2026, 12:05"),
    ],
)
def test_moments_are_written_in_the_contacts_language_and_the_clients_zone(
    house: House, monkeypatch: pytest.MonkeyPatch, language: str, zone: str, written: str
) -> None:
    call = talk(ring(house.line), house.agent)
    inquiry = take_message(call, agent=house.agent, fields=fields())
    contact = inquiry.contact
    assert contact
    inquiry.received_at, inquiry.client.time_zone, contact.language = NOON, zone, language
    _subject, body = message_letter(inquiry, contact)
    assert written in body


def test_the_letter_says_who_called_and_what_they_want_as_it_was_said(house: House) -> None:
    sent = letter(house)
    assert "Kristīne Ozoliņa" in sent.subject
    assert "+371 26 123 456" in sent.body
    assert "Pirmā rinda\n\nOtrā rinda <b>&" in sent.body
    assert "\n\n\n" not in sent.body


def test_an_urgent_message_says_so_first(house: House) -> None:
    house.client.contacts.update(language="en")
    sent = letter(house, Urgency.URGENT)
    assert sent.subject == "Urgent: Message from Kristīne Ozoliņa"
    assert "urgent" in sent.body


def test_the_letter_leads_the_client_to_its_call(house: House, settings: Settings) -> None:
    address = next(line for line in letter(house).body.splitlines() if line.startswith(settings.PUBLIC_URL))
    browser = Browser()
    browser.force_login(make_member(house.client))
    assert browser.get(address.removeprefix(settings.PUBLIC_URL)).status_code == 200


def test_a_zone_that_is_none_does_not_cost_the_message(house: House) -> None:
    Client.objects.update(time_zone="Nowhere/Here")
    house.client.refresh_from_db()
    call = talk(ring(house.line), house.agent)
    with capture_logs() as logs:
        take_message(call, agent=house.agent, fields=fields())
    assert "inquiry.zone_unknown" in [entry["event"] for entry in logs]
    assert Delivery.objects.exists()
    assert clock.now().tzinfo == UTC
