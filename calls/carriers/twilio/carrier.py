"""Orders to Twilio. A call is a conference named by the call's id; its caller's leg starts nothing and ends all, the
agent's leg is called into it under the label of its generation."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from answering.accounts.models import Agent
from answering.twilio.accounts import account_by_sid, account_of
from answering.twilio.errors import NotConfigured, NotFound, Refused, TwilioError
from answering.twilio.rest import Api, ParticipantRef
from answering.twilio.signature import public_address
from answering.twilio.tokens import identity_of
from calls.carriers.base import CallLegRef, Capability, CarrierAway, CarrierRefused
from calls.carriers.twilio.answers import CONFERENCE_PATH, busy_twiml
from calls.carriers.twilio.facts import label_of
from calls.errors import NotSupported
from calls.models import Call
from clients.models import Line

STATUS_PATH = "/carriers/twilio/status"
# A claim expires after ten seconds; ringing longer would bring an agent to a call that has gone on.
RING_SECONDS = 10
LABEL_IN_USE = 16025  # the order has been carried out before


class TwilioCarrier:
    name = "twilio"
    capabilities = frozenset({Capability.HOLD})
    keeps_orders = True

    def serves(self, account: str, line: Line) -> bool:
        try:
            return account_of(line.twilio_account_id).sid == account
        except NotConfigured:
            return False

    def connect_agent(self, leg: CallLegRef) -> None:
        """Call the agent's browser into the conference. One that may have been called already is looked for first."""
        call, api = _reach(leg.call)
        with _translated():
            room = call.carrier_room
            if leg.is_repeated:
                room = room or api.find_conference(str(leg.call)) or ""
                if room and api.find_participant(room, label_of(leg.call, leg.generation)) is not None:
                    return
            try:
                added = self._add_agent(api, call, leg, room or str(leg.call))
            except Refused as refusal:
                if refusal.code == LABEL_IN_USE:
                    return
                raise
        _note_room(call, added.conference_sid)

    def _add_agent(self, api: Api, call: Call, leg: CallLegRef, room: str) -> ParticipantRef:
        agent = Agent.objects.select_related("user").get(pk=leg.agent_id or 0)
        named = urlencode({"call": str(leg.call), "generation": leg.generation})
        return api.add_participant(
            room,
            to=f"client:{identity_of(agent.user.public_id)}?{named}",
            caller_id=str(call.line.number or ""),
            label=label_of(leg.call, leg.generation),
            status_callback=public_address(f"{STATUS_PATH}?{named}"),
            conference_callback=public_address(CONFERENCE_PATH),
            ring_seconds=RING_SECONDS,
        )

    def hang_up_agent(self, leg: CallLegRef) -> None:
        """Remove the agent's leg of this generation, wherever it is."""
        was_there: list[bool] = []
        label = label_of(leg.call, leg.generation)
        self._in_room(leg, lambda api, room, call: was_there.append(api.remove_participant(room, label)))
        if not any(was_there):
            self._remove_elsewhere(leg)

    def hold(self, leg: CallLegRef) -> None:
        """Music for the caller's leg; the agent's hears nothing meanwhile."""
        self._in_room(leg, lambda api, room, call: api.hold_participant(room, call.carrier_call, is_held=True))

    def resume(self, leg: CallLegRef) -> None:
        self._in_room(leg, lambda api, room, call: api.hold_participant(room, call.carrier_call, is_held=False))

    def end(self, leg: CallLegRef) -> None:
        call, api = _reach(leg.call)
        with _translated():
            api.end_call(call.carrier_call)

    def apologise(self, leg: CallLegRef) -> None:
        """Take the caller out of the conference to hear that nobody could come; then Twilio hangs up."""
        call, api = _reach(leg.call)
        with _translated():
            api.move_call(call.carrier_call, twiml=busy_twiml(call))

    def transfer(self, leg: CallLegRef, target: str) -> None:
        raise NotSupported

    def record(self, leg: CallLegRef) -> None:
        raise NotSupported

    def pause_recording(self, leg: CallLegRef) -> None:
        raise NotSupported

    def play(self, leg: CallLegRef, sound: str) -> None:
        raise NotSupported

    def collect(self, leg: CallLegRef, prompt: str) -> None:
        raise NotSupported

    def _in_room(self, leg: CallLegRef, act: Callable[[Api, str, Call], object]) -> None:
        """Do something to who is in the conference; nothing when it, or who was in it, is gone."""
        call, api = _reach(leg.call)
        with _translated():
            room = call.carrier_room or api.find_conference(str(leg.call))
            if not room:
                return
            try:
                act(api, room, call)
            except NotFound:
                return
        _note_room(call, room)

    def _remove_elsewhere(self, leg: CallLegRef) -> None:
        """A leg called into the conference by its name, just as that ended, has begun another of the same name."""
        call, api = _reach(leg.call)
        with _translated():
            room = api.find_conference(str(leg.call))
            if room and room != call.carrier_room:
                api.remove_participant(room, label_of(leg.call, leg.generation))


def _reach(public_id: uuid.UUID) -> tuple[Call, Api]:
    """The call, and Twilio as the account it came through. Raises CarrierAway while there is no such account."""
    call = Call.objects.select_related("line__client").get(public_id=public_id)
    account = account_by_sid(call.carrier_account)
    if account is None:
        raise CarrierAway(f"The Twilio account {call.carrier_account} is not configured or not active.")
    return call, Api(account)


def _note_room(call: Call, room: str) -> None:
    if room and not call.carrier_room:
        Call.objects.filter(pk=call.pk, carrier_room="").update(carrier_room=room)


@contextmanager
def _translated() -> Iterator[None]:
    """Twilio's errors as the house knows them: what cannot succeed by trying again, and everything else."""
    try:
        yield
    except (Refused, NotFound) as error:
        raise CarrierRefused(str(error)) from error
    except TwilioError as error:
        raise CarrierAway(str(error)) from error
