"""Lines that require skills: who is asked, who may take the call, and from when on everybody is."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from answering.accounts.models import Agent, Presence
from answering.console.workload import waiting_for
from answering.push.channels import agents_channel
from calls.errors import NotCleared
from calls.models import Call
from calls.services import caller_hung_up, claim_call, routing, set_presence
from calls.services.routing import offer_waiting_to
from clients.models import Line, Skill
from tests.calls.conftest import Clock
from tests.calls.test_routing import colleague, let_pass, offered
from tests.cast import House, ring


@pytest.fixture
def medical(house: House) -> Skill:
    """Required by the line, with orders; the agent of the house has orders only."""
    medical, orders = Skill.objects.create(name="medical"), Skill.objects.create(name="orders")
    house.line.skills.add(medical, orders)
    orders.agents.add(house.agent)
    return medical


@pytest.fixture
def nurse(house: House, medical: Skill) -> Agent:
    """Idle for a shorter time than the agent of the house, with both skills and one more."""
    agent = colleague(house)
    agent.skills.add(*Skill.objects.all(), Skill.objects.create(name="law"))
    return agent


def waits_for(agent: Agent) -> list[Call]:
    return [row.call for row in waiting_for(agent).calls]


def test_only_agents_with_all_skills_are_offered_a_call_see_it_and_may_take_it(
    clock: Clock, house: House, nurse: Agent
) -> None:
    call = ring(house.line)
    let_pass(clock, 20, call, agents=(house.agent, nurse))
    assert offered(call) == [nurse]
    assert (waits_for(house.agent), waits_for(nurse)) == ([], [call])
    with pytest.raises(NotCleared):
        claim_call(call.pk, agent=house.agent)
    assert claim_call(call.pk, agent=nurse).agent == nurse


def test_a_line_that_requires_nothing_asks_everybody(clock: Clock, house: House, nurse: Agent) -> None:
    house.line.skills.clear()
    assert offered(ring(house.line)) == [house.agent]


def test_after_some_waiting_agents_without_the_skills_are_asked_too(clock: Clock, house: House, medical: Skill) -> None:
    Line.objects.update(skills_wait=timedelta(seconds=20))
    call = ring(house.line)
    let_pass(clock, 19, call, agents=(house.agent,))
    assert (offered(call), waits_for(house.agent)) == ([], [])
    let_pass(clock, 1, call, agents=(house.agent,))
    assert (offered(call), waits_for(house.agent)) == ([house.agent], [call])
    claim_call(call.pk, agent=house.agent)
    assert claim_call(call.pk, agent=house.agent).agent == house.agent


def test_all_consoles_are_told_once_when_the_skills_do_not_matter_any_more(
    clock: Clock, house: House, medical: Skill, monkeypatch: pytest.MonkeyPatch
) -> None:
    Line.objects.update(skills_wait=timedelta(seconds=20))
    told: list[float] = []
    began = clock.now()

    def note(channel: str, kind: str, **fields: object) -> None:
        if (channel, kind) == (agents_channel(), "queue"):
            told.append((clock.now() - began).total_seconds())

    monkeypatch.setattr(routing, "hint_on_commit", note)
    call = ring(house.line)
    let_pass(clock, 19, call, agents=(house.agent,))
    routing.offer_next(Call.objects.select_related("line").get(pk=call.pk))
    let_pass(clock, 10, call, agents=(house.agent,))
    assert told == [20]


def test_the_skilled_are_asked_at_once_and_the_others_after_the_wait(clock: Clock, house: House, nurse: Agent) -> None:
    Line.objects.update(skills_wait=timedelta(seconds=7))
    call = ring(house.line)
    let_pass(clock, 8, call, agents=(house.agent, nurse))
    assert offered(call) == [nurse, house.agent]


def test_an_agent_who_becomes_free_gets_what_their_skills_are_enough_for(
    clock: Clock, house: House, medical: Skill
) -> None:
    call = ring(house.line)
    set_presence(house.agent, Presence.BREAK)
    set_presence(house.agent, Presence.AVAILABLE)
    assert offer_waiting_to(house.agent) == 0
    medical.agents.add(house.agent)
    assert offer_waiting_to(house.agent) == 1
    assert offered(call) == [house.agent]
    caller_hung_up(call, key="gone", ago=timedelta(0))


@pytest.mark.parametrize("seconds", [0, 90])
def test_the_wait_for_skills_is_part_of_the_waiting(house: House, seconds: int) -> None:
    with pytest.raises(IntegrityError, match="line_skills_wait_within_limit"):
        Line.objects.update(skills_wait=timedelta(seconds=seconds))
