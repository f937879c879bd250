import pytest

from calls.models import Call, CallOffer, Disposition
from calls.services import close_call, end_call, hold_call, resume_call
from calls.states import CallState
from tests.cast import House, ring, talk


def test_a_call_is_offered_taken_held_ended_and_closed(house: House) -> None:
    call = ring(house.line)
    assert call.state == CallState.QUEUED
    assert CallOffer.objects.get(call=call).agent == house.agent
    call = talk(call, house.agent)
    assert call.state == CallState.TALKING
    hold_call(call.pk, agent=house.agent)
    resume_call(call.pk, agent=house.agent)
    call = end_call(call.pk, agent=house.agent)
    assert (call.state, call.outcome) == (CallState.WRAP_UP, "answered")
    call = close_call(call.pk, agent=house.agent, disposition=Disposition.MESSAGE)
    assert call.state == CallState.CLOSED
    kinds = list(call.events.in_ledger_order().values_list("kind", flat=True))
    assert kinds == ["arrived", "queued", "claimed", "agent_joined", "held", "resumed", "agent_ended"]


@pytest.mark.django_db
def test_nobody_calls_an_unknown_line() -> None:
    assert not Call.objects.exists()
