"""People and time do what they like with two lines of callers; whatever they do, the books are true."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from answering.accounts.models import Agent, Presence
from calls.errors import CallError
from calls.ledger import PARTS, fold
from calls.models import Call, CallLeg, CallOffer, Disposition, Party
from calls.services import (
    caller_hung_up,
    claim_call,
    close_call,
    decline_offer,
    end_call,
    hold_call,
    note_heartbeat,
    note_leaving,
    renew_audio,
    resume_call,
    run_due_timers,
    set_presence,
)
from calls.states import AGENT_STATES, LIVE_STATES, LOST_OUTCOMES, REPORTED_KINDS, WAITING_STATES, CallState, EventKind
from inquiries.models import Inquiry
from tests.calls.acts import keep_consoles_alive, report
from tests.calls.conftest import Clock
from tests.cast import make_agent, make_house, ring

AGENTS = st.integers(0, 1)
PARTIES = st.sampled_from(list(Party))


@contextmanager
def committed() -> Iterator[None]:
    """What follows a commit follows, although the example is rolled back; what was refused has no effect."""
    before = len(connection.run_on_commit)
    try:
        with transaction.atomic():
            yield
    except CallError:
        return
    while len(connection.run_on_commit) > before:
        waiting, connection.run_on_commit[before:] = connection.run_on_commit[before:], []
        for entry in waiting:
            entry[1]()


class CallMachine(RuleBasedStateMachine):
    clock: Clock
    calls = Bundle("calls")

    @initialize()
    def open_house(self) -> None:
        self.example = transaction.atomic()
        self.example.__enter__()
        self.house = make_house()
        self.agents = [self.house.agent, make_agent("Rita Liepa", clients=(self.house.client,))]
        self.ends: dict[int, datetime] = {}

    def teardown(self) -> None:
        if hasattr(self, "example"):
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)

    def agent(self, number: int) -> Agent:
        return Agent.objects.get(pk=self.agents[number].pk)

    @rule(target=calls)
    def somebody_calls(self) -> int:
        with committed():
            return ring(self.house.line).pk

    @rule(call=calls, number=AGENTS)
    def claim(self, call: int, number: int) -> None:
        self.act(claim_call, call, number)

    @rule(call=calls, number=AGENTS)
    def decline(self, call: int, number: int) -> None:
        self.act(decline_offer, call, number)

    @rule(call=calls, number=AGENTS)
    def hold(self, call: int, number: int) -> None:
        self.act(hold_call, call, number)

    @rule(call=calls, number=AGENTS)
    def resume(self, call: int, number: int) -> None:
        self.act(resume_call, call, number)

    @rule(call=calls, number=AGENTS)
    def end(self, call: int, number: int) -> None:
        self.act(end_call, call, number)

    @rule(call=calls, number=AGENTS, result=st.sampled_from(list(Disposition)))
    def close(self, call: int, number: int, result: Disposition) -> None:
        with committed():
            close_call(call, agent=self.agent(number), disposition=result)

    @rule(call=calls, party=PARTIES)
    def reload(self, call: int, party: Party) -> None:
        with committed():
            renew_audio(call, party=party, agent=Call.objects.get(pk=call).agent if party == Party.AGENT else None)

    @rule(call=calls, party=PARTIES, packets=st.sampled_from([0, 50]))
    def one_side_is_heard(self, call: int, party: Party, packets: int) -> None:
        with committed():
            row = Call.objects.get(pk=call)
            note_heartbeat(row, party=party, generation=row.generation, packets_received=packets)

    @rule(call=calls)
    def both_sides_hear(self, call: int) -> None:
        for party in Party:
            self.one_side_is_heard(call, party, 50)

    @rule(call=calls, party=PARTIES)
    def leave(self, call: int, party: Party) -> None:
        with committed():
            note_leaving(Call.objects.get(pk=call), party=party)

    @rule(call=consumes(calls), ago=st.integers(0, 40))
    def hang_up(self, call: int, ago: int) -> None:
        with committed():
            caller_hung_up(Call.objects.get(pk=call), key="page", ago=timedelta(seconds=ago))

    @rule(
        call=calls,
        kind=st.sampled_from(REPORTED_KINDS),
        ago=st.integers(-5, 30),
        generation=st.integers(1, 3),
    )
    def a_carrier_reports(self, call: int, kind: EventKind, ago: int, generation: int) -> None:
        before = Call.objects.get(pk=call).events.count()
        with committed():
            report(Call.objects.get(pk=call), kind, self.clock.now() - timedelta(seconds=ago), generation=generation)
        assert Call.objects.get(pk=call).events.count() == before + 1

    @rule(number=AGENTS, presence=st.sampled_from([Presence.AVAILABLE, Presence.BREAK]))
    def choose(self, number: int, presence: Presence) -> None:
        with committed():
            set_presence(self.agent(number), presence)

    @rule(seconds=st.sampled_from([0.4, 1, 3, 6, 11, 16, 61, 95]), alive=st.booleans())
    def time_passes(self, seconds: float, alive: bool) -> None:
        self.clock.forward(seconds)
        if alive:
            keep_consoles_alive()
            CallLeg.objects.update(heartbeat_at=self.clock.now())

    @rule()
    def the_dispatcher_comes_round(self) -> None:
        with committed():
            run_due_timers()

    def act(self, service: Callable[..., object], call: int, number: int) -> None:
        with committed():
            service(call, agent=self.agent(number))

    # -- what is always true -----------------------------------------------------------------

    @invariant()
    def the_columns_are_what_the_events_say(self) -> None:
        for call in Call.objects.prefetch_related("events"):
            folded = fold(call.events.all())
            closed = call.state == CallState.CLOSED and folded.state == CallState.WRAP_UP
            assert closed or call.state == folded.state
            assert (call.outcome, call.agent_id, call.generation) == (
                folded.outcome,
                folded.agent_id,
                folded.generation,
            )
            assert {part: getattr(call, f"{part}_seconds") for part in PARTS} == folded.seconds()
            if call.ended_at is not None:
                assert call.total_seconds == sum(folded.seconds().values())
                assert call.closed_at is None or call.closed_at >= call.ended_at

    @invariant()
    def a_call_that_has_ended_never_lives_again_or_grows(self) -> None:
        for call in Call.objects.all():
            if call.pk in self.ends:
                assert call.ended_at is not None
                assert call.ended_at <= self.ends[call.pk]
            if call.ended_at is not None:
                self.ends[call.pk] = call.ended_at
                assert call.outcome is not None

    @invariant()
    def an_agent_has_one_live_call_at_most(self) -> None:
        holders = list(Call.objects.filter(state__in=AGENT_STATES).values_list("agent", flat=True))
        assert None not in holders
        assert len(holders) == len(set(holders))

    @invariant()
    def offers_are_open_only_while_a_call_waits(self) -> None:
        assert not CallOffer.objects.open().exclude(call__state__in=WAITING_STATES).exists()

    @invariant()
    def every_call_that_needs_it_is_looked_at_again(self) -> None:
        needing = Call.objects.filter(state__in=(*LIVE_STATES, CallState.WRAP_UP))
        assert not needing.filter(next_action_at=None).exists()
        assert not Call.objects.filter(state=CallState.CLOSED).exclude(next_action_at=None).exists()

    @invariant()
    def every_lost_call_has_one_call_back(self) -> None:
        for call in Call.objects.filter(outcome__in=LOST_OUTCOMES):
            assert Inquiry.objects.filter(call=call, kind="callback").count() == 1


@pytest.mark.django_db
def test_whatever_people_do_the_books_are_true(clock: Clock) -> None:
    machine = type("Machine", (CallMachine,), {"clock": clock})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
