"""Agents take or decline what they are offered; of many, exactly one wins."""

from functools import partial

from django.db import IntegrityError, transaction
from django.db.models import F

from answering.accounts.models import Agent
from answering.lib import clock
from calls.carriers.base import CallLegRef
from calls.carriers.registry import carrier_named
from calls.errors import AgentBusy, CallGone, CallTaken, NotCleared
from calls.models import Call, CallOffer, OfferOutcome
from calls.services.book import CLAIM_LEASE, CallBook
from calls.services.routing import offer_next
from calls.states import WAITING_STATES, CallState, EventKind


def claim_call(call_id: int, *, agent: Agent) -> Call:
    """Give a waiting call to this agent, who has 10 s to join with audio.

    One UPDATE decides: of many agents claiming at once exactly one wins. Raises CallTaken if another
    was first, CallGone if the caller hung up, AgentBusy in another call, NotCleared for this client.
    """
    if not Call.objects.filter(pk=call_id).for_agent(agent).exists():
        raise NotCleared
    try:
        with transaction.atomic():
            return _claim(call_id, agent)
    except IntegrityError as error:
        raise AgentBusy from error


def _claim(call_id: int, agent: Agent) -> Call:
    won = Call.objects.filter(pk=call_id, state__in=WAITING_STATES).update(
        state=CallState.CONNECTING, agent=agent, generation=F("generation") + 1
    )
    if not won:
        raise CallGone if Call.objects.get(pk=call_id).is_over else CallTaken
    book = CallBook.open(call_id)
    book.command(EventKind.CLAIMED, agent=agent, generation=book.call.generation)
    book.call.next_offer_at = None
    book.call.claim_expires_at = book.now + CLAIM_LEASE
    call = book.settle()
    transaction.on_commit(partial(carrier_named(call.carrier).connect_agent, leg_of(call)), robust=True)
    return call


def leg_of(call: Call) -> CallLegRef:
    """What a carrier needs to know of a call to carry out an order."""
    return CallLegRef(call.public_id, call.agent_id, call.generation)


def decline_offer(call_id: int, *, agent: Agent) -> None:
    """This agent will not take the call; it goes on to the next at once. Twice is once."""
    with transaction.atomic():
        call = Call.objects.select_for_update(of=("self",)).select_related("line").get(pk=call_id)
        declined = CallOffer.objects.filter(call=call, agent=agent).open()
        if declined.update(outcome=OfferOutcome.DECLINED, closed_at=clock.now()) and call.state in WAITING_STATES:
            offer_next(call)
