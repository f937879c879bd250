"""How many statements each act costs: bounds that hold however many calls there have been."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import pytest

from calls.models import Disposition, Party
from calls.services import (
    claim_call,
    close_call,
    decline_offer,
    end_call,
    hold_call,
    note_heartbeat,
    note_leaving,
    run_due_timers,
)
from tests.calls.acts import dial
from tests.calls.conftest import Clock
from tests.cast import House, make_agent, ring, talk

AtMost = Callable[[int], AbstractContextManager[Any]]


@pytest.fixture
def at_most(django_assert_max_num_queries: Callable[..., AbstractContextManager[Any]]) -> AtMost:
    return partial(django_assert_max_num_queries)


@pytest.fixture
def busy_house(house: House, clock: Clock) -> House:
    """A house with more agents, in which calls have been offered before."""
    for number in range(4):
        make_agent(f"Agent {number}", clients=(house.client,))
    for number in range(3):
        call = talk(ring(house.line, number=f"+3712612345{number}"), house.agent)
        end_call(call.pk, agent=house.agent)
        close_call(call.pk, agent=house.agent, disposition=Disposition.NONE)
    return house


def test_a_call_arrives(busy_house: House, at_most: AtMost) -> None:
    """Six statements of a stranger's call, within the two of a savepoint; the test itself reads the call."""
    with at_most(6 + 2 + 1):
        dial(busy_house.line, number="+37126777777")


def test_a_claim(busy_house: House, at_most: AtMost) -> None:
    call = ring(busy_house.line)
    with at_most(10):
        claim_call(call.pk, agent=busy_house.agent)


def test_a_heartbeat_that_changes_nothing(busy_house: House, at_most: AtMost) -> None:
    call = talk(ring(busy_house.line), busy_house.agent)
    with at_most(1):
        note_heartbeat(call, party=Party.CALLER, generation=1, packets_received=60)


def test_a_page_that_leaves(busy_house: House, at_most: AtMost) -> None:
    call = ring(busy_house.line)
    with at_most(2):
        note_leaving(call, party=Party.CALLER)


def test_hold_end_and_close(busy_house: House, at_most: AtMost) -> None:
    call = talk(ring(busy_house.line), busy_house.agent)
    with at_most(8):
        hold_call(call.pk, agent=busy_house.agent)
    with at_most(8):
        end_call(call.pk, agent=busy_house.agent)
    with at_most(8):
        close_call(call.pk, agent=busy_house.agent, disposition=Disposition.INFORMED)


def test_a_declined_offer(busy_house: House, at_most: AtMost) -> None:
    call = ring(busy_house.line)
    offer = call.offers.open().get()
    with at_most(9):
        decline_offer(call.pk, agent=offer.agent)


def test_a_round_with_nothing_due(busy_house: House, at_most: AtMost) -> None:
    with at_most(3):
        assert run_due_timers() == 0


def test_a_round_costs_so_much_for_each_call_that_is_due(busy_house: House, at_most: AtMost, clock: Clock) -> None:
    for number in range(5):
        ring(busy_house.line, number=f"+3712612346{number}")
    clock.forward(7)
    with at_most(3 + 5 * 10):
        assert run_due_timers() == 5
