"""Things that happen at once, with real threads and real commits."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db.models import F

from answering.accounts.models import Agent, Presence
from calls.errors import CallError
from calls.models import Call, CallOffer, Disposition, Party
from calls.services import (
    caller_hung_up,
    claim_call,
    close_call,
    decline_offer,
    end_call,
    hold_call,
    identify_caller,
    note_heartbeat,
    note_leaving,
    receive_call,
    run_due_timers,
    set_presence,
)
from calls.states import AGENT_STATES, CallOutcome, CallState
from inquiries.models import Inquiry
from tests.calls.acts import kinds_of
from tests.calls.test_bad_input import inbound
from tests.calls.threads import all_at_once, kinds
from tests.cast import House, make_agent, ring, talk

REPEATS = 12
hang_up = partial(caller_hung_up, key="page", ago=timedelta(0))


def free_again(call: Call, agent: Agent) -> None:
    """End whatever the call is in, so that the next round begins anew."""
    call.refresh_from_db()
    if not call.is_over:
        hang_up(call)
    call.refresh_from_db()
    if call.state == CallState.WRAP_UP:
        close_call(call.pk, agent=agent, disposition=Disposition.NONE)


def make_due(call: Call, seconds: float) -> None:
    """As if the call had been like this for so long."""
    gone = timedelta(seconds=seconds)
    Call.objects.filter(pk=call.pk).update(
        next_action_at=F("next_action_at") - gone,
        next_offer_at=F("next_offer_at") - gone,
        claim_expires_at=F("claim_expires_at") - gone,
        waiting_since=F("waiting_since") - gone,
    )


def test_of_eight_agents_exactly_one_gets_the_call(live_house: House) -> None:
    agents = [make_agent(f"Agent {n}", clients=(live_house.client,)) for n in range(8)]
    for _repeat in range(REPEATS):
        call = ring(live_house.line)
        results = all_at_once(*(partial(claim_call, call.pk, agent=agent) for agent in agents))
        assert kinds(results) == ["Call"] + ["CallTaken"] * 7
        call.refresh_from_db()
        winner = next(agent for agent, result in zip(agents, results, strict=True) if isinstance(result, Call))
        assert (call.agent_id, call.generation, kinds_of(call).count("claimed")) == (winner.pk, 1, 1)
        assert not call.offers.open().exists()
        hang_up(call)


def test_an_agent_who_claims_two_calls_at_once_gets_one(live_house: House) -> None:
    for _repeat in range(REPEATS):
        calls = [ring(live_house.line, number=f"+3712612345{n}") for n in range(2)]
        results = all_at_once(*(partial(claim_call, call.pk, agent=live_house.agent) for call in calls))
        assert kinds(results) == ["AgentBusy", "Call"]
        assert Call.objects.filter(agent=live_house.agent, state__in=AGENT_STATES).count() == 1
        for call in calls:
            free_again(call, live_house.agent)


def test_a_claim_and_a_hang_up_at_once_leave_one_abandoned_call(live_house: House) -> None:
    for _repeat in range(REPEATS):
        call = ring(live_house.line)
        claim, _left = all_at_once(
            partial(claim_call, call.pk, agent=live_house.agent),
            partial(caller_hung_up, call, key="p", ago=timedelta(0)),
        )
        call.refresh_from_db()
        assert type(claim).__name__ in ("Call", "CallGone")
        assert (call.state, call.outcome) == (CallState.CLOSED, CallOutcome.ABANDONED)
        assert not call.offers.open().exists()
        assert Inquiry.objects.filter(call=call, kind="callback").count() == 1


def test_a_claim_and_the_waiting_limit_at_once_leave_one_truth(live_house: House) -> None:
    for _repeat in range(REPEATS):
        call = ring(live_house.line)
        make_due(call, 91)
        claim, _round = all_at_once(partial(claim_call, call.pk, agent=live_house.agent), run_due_timers)
        call.refresh_from_db()
        if isinstance(claim, Call):
            assert (call.state, call.agent_id) == (CallState.CONNECTING, live_house.agent.pk)
        else:
            assert (type(claim).__name__, call.is_over) == ("CallGone", True)
        free_again(call, live_house.agent)


def test_two_dispatchers_expire_a_claim_once(live_house: House) -> None:
    for _repeat in range(REPEATS):
        call = claim_call(ring(live_house.line).pk, agent=live_house.agent)
        make_due(call, 11)
        all_at_once(run_due_timers, run_due_timers)
        assert kinds_of(call).count("claim_expired") == 1
        hang_up(call)


def test_hold_and_end_at_once_leave_one_ended_call(live_house: House) -> None:
    for _repeat in range(REPEATS):
        call = talk(ring(live_house.line), live_house.agent)
        hold, end = all_at_once(
            partial(hold_call, call.pk, agent=live_house.agent), partial(end_call, call.pk, agent=live_house.agent)
        )
        assert isinstance(end, Call)
        assert isinstance(hold, (Call, CallError))
        call.refresh_from_db()
        assert (call.state, call.outcome) == (CallState.WRAP_UP, CallOutcome.ANSWERED)
        free_again(call, live_house.agent)


def test_both_sides_heard_at_once_join_once(live_house: House) -> None:
    for _repeat in range(REPEATS):
        call = claim_call(ring(live_house.line).pk, agent=live_house.agent)
        beats = [partial(note_heartbeat, call, party=each, generation=1, packets_received=9) for each in Party]
        assert kinds(all_at_once(*beats, *beats)) == ["NoneType"] * 4
        call.refresh_from_db()
        assert (call.state, kinds_of(call).count("agent_joined")) == (CallState.TALKING, 1)
        free_again(call, live_house.agent)


def test_one_arrival_reported_many_times_at_once_is_one_call(live_house: House) -> None:
    for number in range(REPEATS):
        arrival = inbound(live_house.line.slug, event_key=f"CA{number}:inbound", caller_number="+37126123456")
        results = all_at_once(*[partial(receive_call, arrival)] * 4)
        assert len(set(map(repr, results))) == 1
        assert Call.objects.filter(events__carrier_event_key=arrival.event_key).count() == 1


def test_a_name_given_while_the_call_moves_is_not_lost(live_house: House) -> None:
    for _repeat in range(REPEATS):
        call = ring(live_house.line, number="")
        all_at_once(
            partial(identify_caller, call.pk, name="Anna"), partial(claim_call, call.pk, agent=live_house.agent)
        )
        call.refresh_from_db()
        assert (call.caller_name, call.state) == ("Anna", CallState.CONNECTING)
        hang_up(call)


def test_two_agents_who_finish_at_once_are_both_offered_what_waits(live_house: House) -> None:
    other = make_agent("Rita Liepa", clients=(live_house.client,))
    agents = (live_house.agent, other)
    for _repeat in range(REPEATS // 2):
        talks = [talk(ring(live_house.line, number=f"+3712612345{n}"), agent) for n, agent in enumerate(agents)]
        waiting = [ring(live_house.line, number=f"+3712612346{n}") for n in range(3)]
        for call, agent in zip(talks, agents, strict=True):
            end_call(call.pk, agent=agent)
        close = partial(close_call, disposition=Disposition.NONE)
        done = all_at_once(*(partial(close, call.pk, agent=agent) for call, agent in zip(talks, agents, strict=True)))
        assert kinds(done) == ["Call", "Call"]
        for call in waiting:
            assert set(call.offers.open().values_list("agent", flat=True)) == {agent.pk for agent in agents}
            hang_up(call)


@pytest.mark.parametrize("seed", range(3))
def test_nobody_waits_for_each_other_in_a_busy_house(live_house: House, seed: int) -> None:
    """Everything that locks more than one row, over and over: a deadlock would be an OperationalError."""
    agents = [live_house.agent, make_agent("Rita Liepa", clients=(live_house.client,))]
    for _round in range(4):
        calls = [ring(live_house.line, number=f"+3712612345{n}") for n in range(4)]
        for call in calls:
            make_due(call, 7)
        acts: list[Callable[[], object]] = [run_due_timers, run_due_timers]
        for number, agent in enumerate(agents):
            mine = calls[(number + seed) % 4], calls[(number + seed + 1) % 4]
            acts += [partial(claim_call, mine[0].pk, agent=agent), partial(decline_offer, mine[1].pk, agent=agent)]
            acts += [partial(set_presence, agent, Presence.AVAILABLE), partial(set_presence, agent, Presence.BREAK)]
        acts += [partial(hang_up, calls[3]), partial(note_leaving, calls[2], party=Party.CALLER)]
        failures = [each for each in all_at_once(*acts) if isinstance(each, Exception)]
        assert [each for each in failures if not isinstance(each, CallError)] == []
        for call in calls:
            hang_up(call)
        for agent in agents:
            set_presence(agent, Presence.AVAILABLE)
    assert not CallOffer.objects.open().exists()
    assert not Call.objects.live().exists()
