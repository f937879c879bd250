"""A telephone, Twilio and an agent's headset, in one line each."""

from dataclasses import dataclass
from typing import Any

from django.test import Client

from calls.models import Call, CarrierOrder, OrderOutcome
from calls.services import claim_call, order_runner
from tests.cast import House
from tests.twilio.signing import FORM, signed_post
from tests.twilio.standin import StandIn
from tests.twilio.state import LiveCall, Member, Room, Subscriber
from tests.waiting import wait_until

NUMBER = "+37167123456"
PUBLIC = "https://alio.example"


@dataclass
class Telephone:
    house: House
    twilio: StandIn
    subscriber: Subscriber
    server: str

    def dial(self, *, from_: str = "+37126123456", caller_name: str = "") -> Call:
        """Somebody calls the house's number, and Twilio follows what it is told."""
        sid = self.twilio.call(NUMBER, address=self.local, from_=from_, caller_name=caller_name)
        self.deliver()
        return Call.objects.get(carrier_call=sid)

    def local(self, url: str) -> str:
        """The address to connect to for one that Twilio was given."""
        return url.replace(PUBLIC, self.server, 1)

    def deliver(self) -> None:
        """Twilio tells what has happened, until it has nothing more to tell."""
        while self.twilio.exchange.webhooks:
            assert set(self.twilio.deliver(address=self.local)) <= {200, 204}

    def do_orders(self) -> None:
        """Wait until Twilio has been told all that is due."""

        def is_done() -> bool:
            order_runner.carry_out_due()
            return order_runner.flush(20) and not CarrierOrder.objects.filter(outcome=OrderOutcome.DUE).exists()

        wait_until(is_done, 30)

    def claim(self, call: Call) -> Call:
        """The agent takes the call; Twilio has been told to ring at the agent's headset."""
        call = claim_call(call.pk, agent=self.house.agent)
        self.do_orders()
        self.deliver()
        return call

    def pick_up(self, call: Call) -> Call:
        """The agent's headset takes the audio of the generation now in force."""
        self.twilio.exchange.answer(self.headset(call).sid)
        self.deliver()
        self.do_orders()
        call.refresh_from_db()
        return call

    def talk(self) -> Call:
        """A call in which both hear each other."""
        return self.pick_up(self.claim(self.dial()))

    def hang_up(self, call: Call) -> Call:
        """The caller hangs up."""
        self.twilio.exchange.hang_up(call.carrier_call)
        self.deliver()
        call.refresh_from_db()
        return call

    # -- Twilio's side -----------------------------------------------------------------------

    def caller_leg(self, call: Call) -> LiveCall:
        return self.twilio.exchange.calls[call.carrier_call]

    def headset(self, call: Call) -> LiveCall:
        """The leg that rings, or has rung, at the agent's headset for the newest generation."""
        legs = [leg for leg in self.twilio.exchange.calls.values() if leg.to.startswith("client:")]
        call.refresh_from_db()
        return next(leg for leg in legs if f"call={call.public_id}&generation={call.generation}" in leg.to)

    def room(self, call: Call) -> Room:
        return next(room for room in self.twilio.exchange.rooms.values() if room.name == str(call.public_id))

    def caller(self, call: Call) -> Member:
        return self.room(call).members[call.carrier_call]

    def orders(self, call: Call) -> list[tuple[str, int, str]]:
        return list(call.orders.order_by("pk").values_list("order", "generation", "outcome"))


def post(client: Client, subscriber: Subscriber, path: str, params: dict[str, str], **extra: Any) -> Any:
    """A webhook of this account to our server, rightly signed, without a network."""
    fields = {"AccountSid": subscriber.sid, "ApiVersion": "2010-04-01"} | params
    body, headers = signed_post(subscriber.auth_token, f"{PUBLIC}{path}", fields)
    headers = {"X-Twilio-Signature": headers["X-Twilio-Signature"]} | extra.pop("headers", {})
    return client.post(path, body, content_type=FORM, headers=headers, **extra)
