"""Twilio fulfils what every carrier must."""

import pytest
from pytest_django.fixtures import Settings

from answering.lib import clock
from answering.twilio.twiml import queue_twiml
from calls import receivers
from calls.carriers.base import InboundCall
from calls.carriers.twilio.carrier import TwilioCarrier
from calls.models import Call
from calls.services import receive_call
from calls.services.order_runner import carry_out
from tests.calls.carrier_contract import CarrierContract
from tests.cast import House
from tests.twilio.standin import StandIn
from tests.twilio.state import Subscriber
from tests.twilio_carrier.telephone import NUMBER


class TestTwilioCarrier(CarrierContract):
    carrier = TwilioCarrier()

    @pytest.fixture(autouse=True)
    def network(
        self, twilio: StandIn, subscriber: Subscriber, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Orders are carried out as they are given, by nobody else."""
        settings.PUBLIC_URL = "https://alio.example"
        self.twilio, self.subscriber = twilio, subscriber
        monkeypatch.setattr(receivers, "carry_out_soon", carry_out)
        return

    def new_call(self, house: House) -> Call:
        """A telephone rings, and its conference is there."""
        house.line.number = NUMBER
        house.line.save()
        webhook_url = "https://alio.example/carriers/twilio/voice"
        self.twilio.exchange.add_number(self.subscriber, NUMBER, voice_url=webhook_url)
        sid = self.twilio.exchange.place_call(NUMBER).params["CallSid"]
        inbound = InboundCall(
            "twilio", f"{sid}:inbound", NUMBER, clock.now(), "+37126123456", "", self.subscriber.sid, sid
        )
        decision = receive_call(inbound)
        callback = "https://alio.example/carriers/twilio/conference"
        document = queue_twiml(decision.call, status_callback=callback)
        self.twilio.exchange.follow(sid, document)
        return Call.objects.get(public_id=decision.call)

    def sent(self) -> list[object]:
        """REST calls that change something, since the last question."""
        sent: list[object] = [
            (each.method, each.path, str(each.form)) for each in self.twilio.requests if each.method != "GET"
        ]
        self.twilio.clear()
        return sent

    def effect_of(self, sent: list[object]) -> object:
        """Told twice is told once."""
        return set(sent)
