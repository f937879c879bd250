"""Agents take or decline what they are offered; of many, exactly one wins."""

from django.db import IntegrityError, transaction

from answering.accounts.models import Agent
from answering.lib import clock
from calls.errors import AgentBusy, CallGone, CallTaken, NotCleared
from calls.models import Call, CallOffer, OfferOutcome
from calls.services.book import CallBook
from calls.services.routing import offer_next
from calls.states import WAITING_STATES, EventKind

ONE_LIVE_CALL = "one_live_call_per_agent"


def claim_call(call_id: int, *, agent: Agent) -> Call:
    """Give a waiting call to this agent, who has 10 s to join with audio.

    The lock on the call's row decides: of many agents claiming at once exactly one wins. Twice by one
    agent is once. Raises CallTaken if another was first, CallGone if the caller hung up, AgentBusy in
    another call, NotCleared for this client or having left the house.
    """
    if not agent.user.is_active or not Call.objects.filter(pk=call_id).for_agent(agent).exists():
        raise NotCleared
    try:
        with transaction.atomic():
            return _claim(call_id, agent)
    except IntegrityError as error:
        if _violated(error) != ONE_LIVE_CALL:
            raise
        raise AgentBusy from error


def _claim(call_id: int, agent: Agent) -> Call:
    book = CallBook.open(call_id)
    if book.call.is_over:
        raise CallGone
    if book.call.state in WAITING_STATES:
        book.command(EventKind.CLAIMED, agent=agent, generation=book.call.generation + 1)
        return book.settle()
    if book.call.agent_id != agent.pk:
        raise CallTaken
    return book.call


def _violated(error: IntegrityError) -> str | None:
    """The name of the constraint that the database upheld."""
    diagnosis = getattr(error.__cause__, "diag", None)
    name: str | None = getattr(diagnosis, "constraint_name", None)
    return name


def decline_offer(call_id: int, *, agent: Agent) -> None:
    """This agent will not take the call; it goes on to the next at once. Twice is once.

    The agent may still take it from the queue, but is not offered it again.
    """
    with transaction.atomic():
        rows = Call.objects.select_for_update(of=("self",), no_key=True).select_related("line")
        call = rows.get(pk=call_id)
        declined = CallOffer.objects.filter(call=call, agent=agent).open()
        if declined.update(outcome=OfferOutcome.DECLINED, closed_at=clock.now()) and call.state in WAITING_STATES:
            offer_next(call)
