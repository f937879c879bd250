"""An urgent message also reaches the phone of whom it is for, if they want that; everything else does not."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError

from answering.outbox.models import Channel, Delivery
from answering.outbox.sms import deliver_sms_due
from answering.twilio.models import TwilioAccount
from clients.models import ContactNumber
from inquiries.models import Urgency
from inquiries.services import take_message
from tests.cast import House, ring, talk
from tests.inquiries.stories import fields
from tests.twilio.fixtures import subscriber, twilio
from tests.twilio.standin import StandIn
from tests.twilio.state import Subscriber, new_sid

__all__ = ["subscriber", "twilio"]

pytestmark = pytest.mark.django_db

LINE, PHONE, OFFICE = "+37167000001", "+37129123456", "+37167000002"


@pytest.fixture
def reachable(house: House) -> House:
    """Its line has a number, its contact wants SMS."""
    house.line.number = LINE
    house.line.save()
    house.client.contacts.update(language="en")
    contact = house.client.contacts.get()
    ContactNumber.objects.create(contact=contact, position=1, number=OFFICE)
    ContactNumber.objects.create(contact=contact, position=2, number=PHONE, gets_urgent_sms=True)
    return house


def take(house: House, urgency: Urgency = Urgency.URGENT, **said: Any) -> None:
    call = talk(ring(house.line), house.agent)
    take_message(call, agent=house.agent, fields=replace(fields(**said), urgency=urgency))


def queued() -> list[Delivery]:
    return list(Delivery.objects.filter(channel=Channel.SMS))


def test_an_urgent_message_goes_to_the_phone_as_well_as_by_mail(reachable: House) -> None:
    take(reachable)
    (sms,) = queued()
    assert (sms.sender, sms.recipient, sms.language, sms.account_id) == (LINE, PHONE, "en", None)
    assert sms.body == (
        "Urgent: Reception\nKristīne Ozoliņa, +371 26 123 456\nLūdzu pārcelt vizīti.\nDetails are in your e-mail."
    )
    assert Delivery.objects.filter(channel=Channel.EMAIL).count() == 1


def test_it_arrives(reachable: House, twilio: StandIn, subscriber: Subscriber) -> None:
    take(reachable)
    assert deliver_sms_due() == 1
    (text,) = twilio.exchange.texts.values()
    assert (text.account_sid, text.from_, text.to) == (subscriber.sid, LINE, PHONE)


def test_a_long_message_is_told_in_its_first_words(reachable: House) -> None:
    take(reachable, text="word\n" * 500)
    (sms,) = queued()
    words = sms.body.splitlines()[2]
    assert words.startswith("word word")
    assert words.endswith("...")
    assert len(words) <= 160


def test_a_caller_who_says_nothing_of_themselves_is_unknown(reachable: House) -> None:
    take(reachable, caller_name="", caller_number="")
    assert "\nan unknown caller\n" in queued()[0].body


def test_a_contact_without_an_address_is_promised_no_mail(reachable: House) -> None:
    reachable.client.contacts.update(email="")
    take(reachable)
    assert "e-mail" not in queued()[0].body


def test_it_goes_out_from_the_account_of_the_line(reachable: House) -> None:
    values: dict[str, object] = {"name": "Client", "sid": new_sid("AC"), "auth_token": "t" * 32}
    reachable.line.twilio_account = TwilioAccount.objects.create(**values)
    reachable.line.save()
    take(reachable)
    assert queued()[0].account_id == reachable.line.twilio_account_id


def test_a_message_that_can_wait_does_not_go_to_the_phone(reachable: House) -> None:
    take(reachable, Urgency.NORMAL)
    assert queued() == []


def test_a_contact_who_does_not_want_it_gets_none(reachable: House) -> None:
    ContactNumber.objects.update(gets_urgent_sms=False)
    take(reachable)
    assert queued() == []


def test_a_line_without_a_number_sends_none(reachable: House) -> None:
    reachable.line.number = None
    reachable.line.save()
    take(reachable)
    assert queued() == []


def test_urgent_messages_go_to_one_number_of_a_contact(reachable: House) -> None:
    with pytest.raises(IntegrityError):
        ContactNumber.objects.update(gets_urgent_sms=True)
