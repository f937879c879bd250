"""Who is offered a call, and what becomes of it when they do not take it."""

from datetime import timedelta

import pytest

from answering.accounts.models import Agent, Presence
from answering.lib import clock as real_clock
from calls.errors import AgentBusy, CallGone, CallTaken, NotCleared
from calls.models import Call, CallOffer, Disposition, OfferOutcome, Party
from calls.services import (
    caller_hung_up,
    claim_call,
    close_call,
    decline_offer,
    end_call,
    hear_agent,
    open_console,
    run_due_timers,
    set_presence,
)
from calls.states import CallOutcome, CallState
from inquiries.models import Inquiry
from tests.calls.acts import hear, keep_consoles_alive
from tests.calls.conftest import Clock, Commits
from tests.cast import House, make_agent, make_client, ring, talk


def offered(call: Call) -> list[Agent]:
    """The agents who see the call now, in the order in which they were offered it."""
    return [offer.agent for offer in call.offers.open().select_related("agent").order_by("pk")]


def colleague(house: House, *, idle_minutes: float = 5, languages: str = "lv en") -> Agent:
    agent = make_agent("Rita Liepa", clients=(house.client,), languages=languages)
    agent.idle_since = real_clock.now() - timedelta(minutes=idle_minutes)
    agent.save(update_fields=["idle_since"])
    return agent


def let_pass(clock: Clock, seconds: float, *calls: Call, agents: tuple[Agent, ...] = ()) -> None:
    """Time passes second by second; these agents' consoles and these callers' pages stay alive."""
    for _second in range(int(seconds)):
        clock.forward(1)
        if agents:
            keep_consoles_alive(*agents)
        for call in calls:
            hear(call, Party.CALLER, packets=0)
        run_due_timers()


def test_the_longest_idle_is_offered_first_and_the_next_after_the_interval(clock: Clock, house: House) -> None:
    second = colleague(house, idle_minutes=30)
    third = colleague(house, idle_minutes=10)
    call = ring(house.line)
    assert offered(call) == [house.agent]
    let_pass(clock, 5, call, agents=(house.agent, second, third))
    assert offered(call) == [house.agent]
    let_pass(clock, 2, call, agents=(house.agent, second, third))
    assert offered(call) == [house.agent, second]
    let_pass(clock, 6, call, agents=(house.agent, second, third))
    assert offered(call) == [house.agent, second, third]


def test_two_calls_at_once_go_to_two_agents(clock: Clock, house: House) -> None:
    second = colleague(house)
    first_call, second_call = ring(house.line), ring(house.line, number="+37126999999")
    assert (offered(first_call), offered(second_call)) == ([house.agent], [second])


def test_only_the_cleared_who_speak_the_language_are_offered_a_call(clock: Clock, house: House) -> None:
    set_presence(house.agent, Presence.BREAK)
    colleague(house, languages="lt")
    make_agent("Eva Zariņa", clients=(make_client("Cits", provider=house.client.provider),))
    assert offered(ring(house.line)) == []


def test_a_deactivated_agent_is_offered_nothing(clock: Clock, house: House) -> None:
    house.agent.user.is_active = False
    house.agent.user.save()
    call = ring(house.line)
    assert set_presence(house.agent, Presence.AVAILABLE).presence == Presence.AVAILABLE
    assert offered(call) == []


def test_a_silent_agent_loses_the_offer_and_the_call_goes_on_at_once(clock: Clock, house: House) -> None:
    second = colleague(house)
    call = ring(house.line)
    clock.forward(4)
    run_due_timers()
    keep_consoles_alive(second)
    Agent.objects.filter(pk=house.agent.pk).update(heartbeat_at=clock.now() - timedelta(seconds=16))
    run_due_timers()
    assert offered(call) == [second]
    assert call.offers.get(agent=house.agent).outcome == OfferOutcome.LOST


def test_whoever_goes_on_break_loses_the_offer_and_the_call_goes_on_at_once(clock: Clock, house: House) -> None:
    second = colleague(house)
    call = ring(house.line)
    set_presence(house.agent, Presence.BREAK)
    assert offered(call) == [second]


def test_a_claim_takes_the_agents_other_offers_to_others_at_once(clock: Clock, commits: Commits, house: House) -> None:
    first, second = ring(house.line), ring(house.line, number="+37126999999")
    assert offered(first) == offered(second) == [house.agent]
    other = colleague(house)
    with commits():
        claim_call(first.pk, agent=house.agent)
    assert offered(second) == [other]


def test_a_declined_call_goes_on_at_once(clock: Clock, house: House) -> None:
    second = colleague(house)
    call = ring(house.line)
    decline_offer(call.pk, agent=house.agent)
    decline_offer(call.pk, agent=house.agent)
    assert offered(call) == [second]


def test_a_declined_call_with_nobody_else_waits_and_can_still_be_taken(clock: Clock, house: House) -> None:
    call = ring(house.line)
    decline_offer(call.pk, agent=house.agent)
    let_pass(clock, 20, call, agents=(house.agent,))
    assert offered(call) == []
    assert claim_call(call.pk, agent=house.agent).state == CallState.CONNECTING


def test_a_call_that_found_nobody_is_offered_as_soon_as_somebody_is_there(clock: Clock, house: House) -> None:
    set_presence(house.agent, Presence.BREAK)
    call = ring(house.line)
    let_pass(clock, 20, call, agents=(house.agent,))
    assert offered(call) == []
    set_presence(house.agent, Presence.AVAILABLE)
    assert offered(call) == [house.agent]


def test_a_console_that_is_heard_again_is_offered_what_waits(clock: Clock, house: House) -> None:
    call = ring(house.line)
    let_pass(clock, 17, call)
    assert offered(call) == []
    house.agent.refresh_from_db()
    assert house.agent.console_id is not None
    hear_agent(house.agent, house.agent.console_id)
    assert offered(call) == [house.agent]


def test_an_agent_who_closes_a_call_gets_the_next_and_is_last_in_line(
    clock: Clock, commits: Commits, house: House
) -> None:
    with commits():
        call = talk(ring(house.line), house.agent)
    waiting = ring(house.line, number="+37126999999")
    clock.forward(3)
    with commits():
        end_call(call.pk, agent=house.agent)
    assert offered(waiting) == []
    with commits():
        close_call(call.pk, agent=house.agent, disposition=Disposition.INFORMED)
    assert offered(waiting) == [house.agent]
    house.agent.refresh_from_db()
    assert house.agent.idle_since == clock.now()


def test_an_agent_whose_caller_gives_up_while_connecting_gets_the_next(
    clock: Clock, commits: Commits, house: House
) -> None:
    with commits():
        call = claim_call(ring(house.line).pk, agent=house.agent)
    waiting = ring(house.line, number="+37126999999")
    clock.forward(1)
    with commits():
        caller_hung_up(call, key="gone", ago=timedelta(0))
    assert offered(waiting) == [house.agent]


def test_nobody_in_time_is_a_missed_call_with_one_call_back(clock: Clock, commits: Commits, house: House) -> None:
    call = ring(house.line)
    with commits():
        let_pass(clock, 91, call, agents=(house.agent,))
    call.refresh_from_db()
    assert (call.outcome, call.state, call.queue_seconds) == (CallOutcome.MISSED, CallState.CLOSED, 90)
    assert set(call.offers.values_list("outcome", flat=True)) == {OfferOutcome.WITHDRAWN}
    assert Inquiry.objects.filter(call=call, kind="callback").count() == 1


def test_a_caller_who_hangs_up_waiting_gets_one_call_back(clock: Clock, commits: Commits, house: House) -> None:
    call = ring(house.line)
    clock.forward(7)
    with commits():
        caller_hung_up(call, key="once", ago=timedelta(0))
    with commits():
        caller_hung_up(call, key="again", ago=timedelta(0))
    call.refresh_from_db()
    assert (call.outcome, call.total_seconds) == (CallOutcome.ABANDONED, 7)
    assert Inquiry.objects.filter(call=call, kind="callback").count() == 1


def test_a_claim_that_expires_brings_the_call_to_somebody_else(clock: Clock, house: House) -> None:
    second = colleague(house)
    call = claim_call(ring(house.line).pk, agent=house.agent)
    let_pass(clock, 10, call, agents=(house.agent, second))
    call.refresh_from_db()
    assert (call.state, call.agent_id, call.connect_seconds) == (CallState.QUEUED, None, 10)
    assert offered(call) == [second]


def test_claims_are_refused_with_the_reason(clock: Clock, house: House) -> None:
    second, stranger = colleague(house), make_agent("Eva Zariņa")
    call, other = ring(house.line), ring(house.line, number="+37126999999")
    with pytest.raises(NotCleared):
        claim_call(call.pk, agent=stranger)
    claim_call(call.pk, agent=house.agent)
    with pytest.raises(CallTaken):
        claim_call(call.pk, agent=second)
    with pytest.raises(AgentBusy):
        claim_call(other.pk, agent=house.agent)
    caller_hung_up(other, key="gone", ago=timedelta(0))
    with pytest.raises(CallGone):
        claim_call(other.pk, agent=second)


def test_a_claim_sent_twice_is_one_claim(clock: Clock, house: House) -> None:
    call = ring(house.line)
    once, twice = claim_call(call.pk, agent=house.agent), claim_call(call.pk, agent=house.agent)
    assert (once.generation, twice.generation) == (1, 1)


def test_a_console_opened_on_a_stale_page_keeps_the_presence_chosen_since(clock: Clock, house: House) -> None:
    stale = Agent.objects.get(pk=house.agent.pk)
    set_presence(house.agent, Presence.BREAK)
    assert house.agent.console_id is not None
    open_console(stale, house.agent.console_id)
    assert Agent.objects.get(pk=house.agent.pk).presence == Presence.BREAK


def test_choosing_a_presence_keeps_the_place_in_line_given_since(clock: Clock, house: House) -> None:
    stale = Agent.objects.get(pk=house.agent.pk)
    Agent.objects.filter(pk=house.agent.pk).update(idle_since=clock.now())
    set_presence(stale, Presence.BREAK)
    assert Agent.objects.get(pk=house.agent.pk).idle_since == clock.now()


def test_offers_of_long_ago_do_not_count_as_open(clock: Clock, house: House) -> None:
    second = colleague(house)
    old = ring(house.line)
    caller_hung_up(old, key="gone", ago=timedelta(0))
    assert CallOffer.objects.filter(agent=house.agent).exclude(outcome=OfferOutcome.OPEN).exists()
    assert offered(ring(house.line)) == [house.agent]
    assert offered(ring(house.line, number="+37126999999")) == [second]
