"""What every carrier must fulfil (`calls/carriers/base.py`): a suite to inherit.

A carrier's own test module subclasses `CarrierContract`, named `Test…`, and gives the carrier, a way
to see what its network was told, and a new call that its network has reported.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import permutations

import pytest
from django.db import connection, transaction

from answering.lib import clock
from calls.carriers.base import CallLegRef, CallProgress, Capability, Carrier
from calls.carriers.registry import carrier_named
from calls.errors import CallError, NotSupported
from calls.ledger import PARTS
from calls.models import Call, Disposition, Party
from calls.services import claim_call, close_call, end_call, hold_call, record_progress, renew_audio, resume_call
from calls.states import CallOutcome, CallState, EventKind
from tests.cast import House

ALWAYS = ("connect_agent", "hang_up_agent", "end", "apologise")
BY_CAPABILITY: dict[str, tuple[Capability, tuple[str, ...]]] = {
    "hold": (Capability.HOLD, ()),
    "resume": (Capability.HOLD, ()),
    "transfer": (Capability.TRANSFER, ("+37126000000",)),
    "record": (Capability.RECORD, ()),
    "pause_recording": (Capability.RECORD, ()),
    "play": (Capability.PLAY, ("waiting",)),
    "collect": (Capability.COLLECT, ("consent",)),
}


class CarrierContract:
    """Override the three methods below."""

    carrier: Carrier

    def new_call(self, house: House) -> Call:
        """A call that this carrier's network has reported and that waits in the queue."""
        raise NotImplementedError

    def sent(self) -> list[object]:
        """What the network has been told since the last question, in order."""
        raise NotImplementedError

    def effect_of(self, sent: list[object]) -> object:
        """What the network has become by that; an order given twice must not show."""
        raise NotImplementedError

    # -- orders ------------------------------------------------------------------------------

    def test_it_is_found_by_its_name(self) -> None:
        assert type(carrier_named(self.carrier.name)) is type(self.carrier)

    @pytest.mark.parametrize("order", [*ALWAYS, *BY_CAPABILITY])
    def test_an_order_is_carried_out_or_refused_as_its_capabilities_say(self, live_house: House, order: str) -> None:
        leg = self._leg(self._connecting(live_house), live_house)
        capability, arguments = BY_CAPABILITY.get(order, (None, ()))
        give = getattr(self.carrier, order)
        if capability is None or capability in self.carrier.capabilities:
            give(leg, *arguments)
        else:
            with pytest.raises(NotSupported):
                give(leg, *arguments)

    @pytest.mark.parametrize("order", [*ALWAYS, *BY_CAPABILITY])
    def test_an_order_given_twice_has_the_effect_of_one(self, live_house: House, order: str) -> None:
        capability, arguments = BY_CAPABILITY.get(order, (None, ()))
        if capability is not None and capability not in self.carrier.capabilities:
            return
        leg, give = self._leg(self._connecting(live_house), live_house), getattr(self.carrier, order)
        self.sent()
        give(leg, *arguments)
        once = self.sent()
        give(leg, *arguments)
        assert self.effect_of(once) == self.effect_of([*once, *self.sent()])

    def test_orders_for_a_call_that_is_over_do_no_harm(self, live_house: House) -> None:
        call = self._connecting(live_house)
        leg = self._leg(call, live_house)
        end_call(call.pk, agent=live_house.agent)
        for order in ALWAYS:
            getattr(self.carrier, order)(leg)
        call.refresh_from_db()
        assert call.is_over

    def test_it_is_never_asked_inside_a_transaction(self, live_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[tuple[str, bool]] = []
        for order in (*ALWAYS, "hold", "resume"):
            monkeypatch.setattr(
                type(self.carrier),
                order,
                lambda carrier, leg, order=order: asked.append((order, connection.in_atomic_block)),
            )
        with self._in_two_transactions():
            call = self.new_call(live_house)
        call = self._talking(call, live_house)
        renew_audio(call.pk, party=Party.AGENT, agent=live_house.agent)
        call = self._join(Call.objects.get(pk=call.pk))
        if Capability.HOLD in self.carrier.capabilities:
            hold_call(call.pk, agent=live_house.agent)
            resume_call(call.pk, agent=live_house.agent)
        with transaction.atomic():
            end_call(call.pk, agent=live_house.agent)
            assert "end" not in [order for order, _inside in asked]
        expected = ["connect_agent", "hang_up_agent", "hold", "connect_agent", "resume"]
        expected += ["hold", "resume"] if Capability.HOLD in self.carrier.capabilities else []
        assert asked == [(order, False) for order in [*expected, "end"]]

    # -- facts -------------------------------------------------------------------------------

    def test_facts_late_repeated_and_shuffled_give_one_final_state(self, live_house: House) -> None:
        endings = set()
        for number, order in enumerate(permutations(range(3))):
            call = claim_call(self.new_call(live_house).pk, agent=live_house.agent)
            begin = call.events.in_ledger_order().reverse()[0].occurred_at + timedelta(microseconds=1)
            facts = self._facts(call, begin, number)
            for position in (*order, order[0]):
                record_progress(facts[position])
            call.refresh_from_db()
            endings.add((call.state, call.outcome, call.generation, call.agent_id))
            assert call.events.filter(carrier_event_key__startswith="contract:").count() == 3
            assert call.total_seconds == sum(getattr(call, f"{part}_seconds") for part in PARTS)
            close_call(call.pk, agent=live_house.agent, disposition=Disposition.NONE)
        assert endings == {(CallState.WRAP_UP, CallOutcome.ANSWERED, 1, live_house.agent.pk)}

    def test_no_fact_is_refused_for_the_state_of_the_call(self, live_house: House) -> None:
        call = self.new_call(live_house)
        for kind in (EventKind.AGENT_JOINED, EventKind.AUDIO_LOST, EventKind.CALLER_LEFT, EventKind.AGENT_JOINED):
            record_progress(self._fact(call, kind, clock.now(), f"odd:{kind}:{clock.now().isoformat()}"))
        call.refresh_from_db()
        assert (call.state, call.outcome) == (CallState.CLOSED, CallOutcome.ABANDONED)
        assert call.events.filter(carrier_event_key__startswith="contract:odd").count() == 4

    # -- steps -------------------------------------------------------------------------------

    def _facts(self, call: Call, begin: datetime, number: int) -> list[CallProgress]:
        kinds = (EventKind.AGENT_JOINED, EventKind.CALLER_LEFT, EventKind.AUDIO_LOST)
        return [
            self._fact(call, kind, begin + timedelta(microseconds=place), f"{number}:{place}:{call.public_id}", place)
            for place, kind in enumerate(kinds)
        ]

    def _fact(self, call: Call, kind: EventKind, at: datetime, key: str, sequence: int = 0) -> CallProgress:
        return CallProgress(call.public_id, kind, f"contract:{key}", at, sequence=sequence, generation=1)

    def _connecting(self, house: House) -> Call:
        return claim_call(self.new_call(house).pk, agent=house.agent)

    def _leg(self, call: Call, house: House) -> CallLegRef:
        return CallLegRef(call.public_id, house.agent.pk, call.generation)

    def _talking(self, call: Call, house: House) -> Call:
        return self._join(claim_call(call.pk, agent=house.agent))

    def _join(self, call: Call) -> Call:
        progress = CallProgress(
            call.public_id,
            EventKind.AGENT_JOINED,
            f"contract:join:{call.generation}:{call.public_id}",
            clock.now(),
            generation=call.generation,
        )
        joined = record_progress(progress)
        assert joined.state == CallState.TALKING
        return joined

    @contextmanager
    def _in_two_transactions(self) -> Iterator[None]:
        try:
            with transaction.atomic(), transaction.atomic():
                yield
        except CallError as error:
            raise AssertionError("the call was refused") from error
