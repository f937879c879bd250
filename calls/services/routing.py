"""Who is offered a waiting call: available, cleared, speaking the line's language; longest idle first."""

from django.db.models import Count, Exists, OuterRef, Q
from django.db.transaction import atomic

from answering.accounts.models import AGENT_SILENCE_LIMIT, Agent
from answering.accounts.querysets import AgentQuerySet
from answering.lib import clock
from answering.push.channels import agent_channel
from answering.push.hints import hint_on_commit
from calls.models import Call, CallOffer, OfferOutcome
from calls.services.book import CallBook, schedule
from calls.states import AGENT_STATES, WAITING_STATES, CallState, EventKind

OCCUPIED_STATES = (*AGENT_STATES, CallState.WRAP_UP)
OFFERS_AT_ONCE = 20


def free_agents() -> AgentQuerySet:
    """Agents available, heard lately and in no call or wrap-up, longest idle first."""
    occupied = Call.objects.filter(agent=OuterRef("pk"), state__in=OCCUPIED_STATES)
    heard_after = clock.now() - AGENT_SILENCE_LIMIT
    return Agent.objects.heard_since(heard_after).filter(~Exists(occupied)).order_by("idle_since", "pk")


def candidates(call: Call) -> AgentQuerySet:
    """Free agents for this call, best first: not tried in vain, fewest offers open, longest idle."""
    refused = CallOffer.objects.filter(
        call=call, agent=OuterRef("pk"), outcome__in=(OfferOutcome.OPEN, OfferOutcome.DECLINED)
    )
    return (
        free_agents()
        .cleared_for(call.client_id)
        .speaking(call.line.language)
        .filter(~Exists(refused))
        .annotate(
            failures=Count("offers", filter=Q(offers__call=call), distinct=True),
            open_offers=Count("offers", filter=Q(offers__outcome=OfferOutcome.OPEN), distinct=True),
        )
        .order_by("failures", "open_offers", "idle_since", "pk")
    )


def put_in_queue(book: CallBook) -> Call:
    """Queue a new call and offer it to the best agent in the same transaction."""
    book.command(EventKind.QUEUED)
    book.call.next_offer_at = book.now + book.call.line.offer_interval
    call = book.settle()
    offer_to_best(call)
    return call


def offer_to_best(call: Call) -> Agent | None:
    """Offer a waiting call to the best agent not yet offered it; None when there is nobody."""
    agent = candidates(call).first()
    if agent is not None:
        _offer(call, agent)
    return agent


def _offer(call: Call, agent: Agent) -> None:
    CallOffer.objects.bulk_create([CallOffer(call=call, agent=agent)], ignore_conflicts=True)
    hint_on_commit(agent_channel(agent.pk), "offer", call=str(call.public_id))


def offer_next(call: Call) -> Agent | None:
    """Offer a locked waiting call to the next agent as well, and set when it goes further."""
    agent = offer_to_best(call)
    call.next_offer_at = clock.now() + call.line.offer_interval
    schedule(call)
    call.save(update_fields=["next_offer_at", "next_action_at"])
    return agent


def offer_waiting_to(agent: Agent) -> int:
    """Offer all calls that wait for someone like this agent, who has just become free; gives their number."""
    if not free_agents().filter(pk=agent.pk).exists():
        return 0
    known = CallOffer.objects.filter(
        call=OuterRef("pk"), agent=agent, outcome__in=(OfferOutcome.OPEN, OfferOutcome.DECLINED)
    )
    with atomic():
        waiting = Call.objects.waiting().for_agent(agent).filter(~Exists(known))[:OFFERS_AT_ONCE]
        locked = list(Call.objects.select_for_update(skip_locked=True).filter(pk__in=[c.pk for c in waiting]))
        still_waiting = [call for call in locked if call.state in WAITING_STATES]
        for call in still_waiting:
            _offer(call, agent)
    return len(still_waiting)
