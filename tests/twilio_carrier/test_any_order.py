"""Callbacks of one short call in every order there is, each twice: one final state."""

from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import permutations

from answering.lib import clock as real_clock
from calls.carriers.base import InboundCall
from calls.carriers.twilio.reports import take_in
from calls.carriers.twilio.spool import Report
from calls.models import Call, Disposition
from calls.services import claim_call, close_call, receive_call
from calls.states import CallOutcome, CallState
from tests.calls.conftest import Clock
from tests.cast import House
from tests.twilio.state import Subscriber, new_sid
from tests.twilio_carrier import payloads
from tests.twilio_carrier.telephone import NUMBER


def reports_of(call: Call, subscriber: Subscriber, begin: datetime) -> list[Report]:
    """A call of 30 s: the agent joins at 7, hangs up with the caller at 30."""

    def at(seconds: int) -> str:
        return format_datetime((begin + timedelta(seconds=seconds)).replace(microsecond=0))

    public_id, room, headset = str(call.public_id), new_sid("CF"), new_sid("CA")
    label = f"claim-{public_id}-{call.generation}"
    leg = {"call": public_id, "generation": str(call.generation)}
    told = [
        ("conference", payloads.participant("participant-join", room, public_id, at(7), 2, sid=headset, label=label)),
        ("conference", payloads.participant("participant-leave", room, public_id, at(30), 4, sid=headset, label=label)),
        (
            "conference",
            payloads.participant(
                "participant-leave", room, public_id, at(30), 5, sid=call.carrier_call, label="caller"
            ),
        ),
        ("status", payloads.over(headset, at(30), sequence=3) | leg),
        ("status", payloads.over(call.carrier_call, at(30), sequence=2)),
    ]
    return [Report(kind, params | {"AccountSid": subscriber.sid}, real_clock.now()) for kind, params in told]


def test_every_order_gives_one_final_state(clock: Clock, numbered: House, subscriber: Subscriber) -> None:
    endings = set()
    for order in permutations(range(5)):
        begin = clock.forward(60)
        sid = new_sid("CA")
        inbound = InboundCall("twilio", f"{sid}:inbound", NUMBER, begin, "+37126123456", "", subscriber.sid, sid)
        call = Call.objects.get(public_id=receive_call(inbound).call)
        clock.forward(5)
        call = claim_call(call.pk, agent=numbered.agent)
        clock.forward(40)
        reports = reports_of(call, subscriber, begin)
        for position in (*order, order[0], order[-1]):
            take_in(reports[position])
        call = close_call(call.pk, agent=numbered.agent, disposition=Disposition.INFORMED)
        endings.add((call.state, call.outcome, call.queue_seconds, call.connect_seconds, call.talk_seconds))
        assert call.total_seconds == 30
    assert endings == {(CallState.CLOSED, CallOutcome.ANSWERED, 5, 2, 23)}
