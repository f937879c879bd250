"""Who is offered a waiting call: available, cleared, with the line's language and skills; longest idle first."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, Func, IntegerField, OuterRef, QuerySet
from django.db.transaction import atomic

from answering.accounts.models import AGENT_SILENCE_LIMIT, Agent
from answering.accounts.querysets import AgentQuerySet
from answering.lib import clock
from answering.push.channels import agent_channel, agents_channel
from answering.push.hints import hint_on_commit
from calls.models import Call, CallOffer, OfferOutcome
from calls.services.prepared import MARK_MOMENT, MARK_NUMBER, MARK_TEXT, Prepared
from calls.services.timetable import next_offer, schedule
from calls.states import OCCUPIED_STATES, WAITING_STATES
from clients.skills import NO_LINE, with_skills_for

OFFERS_AT_ONCE = 20
UNWILLING = (OfferOutcome.OPEN, OfferOutcome.DECLINED)


def free_agents(*, heard_since: datetime | None) -> AgentQuerySet:
    """Agents available, heard since then and in no call or wrap-up, longest idle first.

    With None silence is forgiven, as after an outage of our own.
    """
    # Asked once for all agents, of the index that holds nothing else: for each of them it would be asked again.
    occupied = Call.objects.filter(state__in=OCCUPIED_STATES, agent__isnull=False).values("agent")
    agents = Agent.objects.filter(presence="available", user__is_active=True)
    if heard_since is not None:
        agents = agents.heard_since(heard_since)
    return agents.exclude(pk__in=occupied).order_by("idle_since", "pk")


def _heard() -> datetime:
    """Whoever was last heard before this moment counts as silent."""
    return clock.now() - AGENT_SILENCE_LIMIT


def candidates(*, client_id: int, language: str, skills_of: int, heard_since: datetime) -> AgentQuerySet:
    """Free agents for such a call, best first: fewest offers open, longest idle.

    They have the skills that the line `skills_of` requires; none are required with NO_LINE.
    """
    open_offers = _number_of(CallOffer.objects.filter(agent=OuterRef("pk")).open())
    suitable = free_agents(heard_since=heard_since).cleared_for(client_id).speaking(language)
    return with_skills_for(suitable, skills_of).order_by(open_offers, "idle_since", "pk")


def candidates_again(call_id: int, **suitable: Any) -> AgentQuerySet:
    """The same for a call that has been offered before: none who is unwilling, those not tried in vain first."""
    offers = CallOffer.objects.filter(agent=OuterRef("pk"), call=call_id)
    found = candidates(**suitable)
    willing = found.filter(~Exists(offers.filter(outcome__in=UNWILLING)))
    return willing.order_by(_number_of(offers), *found.query.order_by)


_suitable: dict[str, Any] = {
    "client_id": MARK_NUMBER,
    "language": MARK_TEXT,
    "skills_of": MARK_NUMBER - 2,
    "heard_since": MARK_MOMENT,
}
_first = Prepared(lambda: candidates(**_suitable).values_list("pk")[:1], _suitable)
_again = Prepared(
    lambda: candidates_again(MARK_NUMBER - 1, **_suitable).values_list("pk")[:1], _suitable | {"call": MARK_NUMBER - 1}
)


def best_for_new_call(call: Call) -> tuple[str, list[object]]:
    """A statement that finds the agent to whom a call is offered first, with its values."""
    return _first.part(**_wanted(call))


def _wanted(call: Call) -> dict[str, object]:
    """Whom the call is for just now: after some time perhaps also for agents without the line's skills."""
    waived_at = call.skills_waived_at
    skills_of = NO_LINE if waived_at is not None and waived_at <= clock.now() else call.line_id
    return {
        "client_id": call.client_id,
        "language": call.line.language,
        "skills_of": skills_of,
        "heard_since": _heard(),
    }


def _number_of(offers: QuerySet[CallOffer]) -> Func:
    """How many these are of an agent's, counted no further than to what they are offered at once.

    A subquery, for a join would count over all offers that an agent ever had.
    """
    counted = ArraySubquery(offers.order_by().values("agent")[:OFFERS_AT_ONCE])
    return Func(counted, function="CARDINALITY", output_field=IntegerField())


def offer_to_best(call: Call) -> int | None:
    """Offer a waiting call to the best agent not yet offered it; gives their id, None when there is nobody."""
    found = _again.rows(call=call.pk, **_wanted(call))
    if not found:
        return None
    (agent_id,) = found[0]
    _offer(call, agent_id)
    return int(agent_id)


def _offer(call: Call, agent_id: int) -> None:
    offer = CallOffer(call=call, agent_id=agent_id, offered_at=clock.now())
    CallOffer.objects.bulk_create([offer], ignore_conflicts=True)
    hint_on_commit(agent_channel(agent_id), "offer", call=str(call.public_id))


def offer_next(call: Call) -> None:
    """Offer a locked waiting call to the next agent as well, and set when it goes further.

    With nobody free it is tried again after the same interval.
    """
    now, waived_at = clock.now(), call.skills_waived_at
    offer_to_best(call)
    if waived_at is not None and call.next_offer_at == waived_at <= now:
        hint_on_commit(agents_channel(), "queue")  # more agents see it in theirs from now on
    call.next_offer_at = next_offer(call, now)
    schedule(call)
    call.save(update_fields=["next_offer_at", "next_action_at"])


def offer_waiting_to(agent: Agent) -> int:
    """Offer all calls that wait for someone like this agent, who has just become free; gives their number.

    Locks the calls in order of their keys; others lock one call at a time, or wait for none.
    """
    if not free_agents(heard_since=_heard()).filter(pk=agent.pk).exists():
        return 0
    unwanted = (*UNWILLING, OfferOutcome.CLAIMED)
    known = CallOffer.objects.filter(call=OuterRef("pk"), agent=agent, outcome__in=unwanted)
    with atomic():
        waiting = Call.objects.waiting().for_agent(agent).filter(~Exists(known)).order_by("pk")
        locked = list(waiting.select_for_update(of=("self",), no_key=True)[:OFFERS_AT_ONCE])
        for call in locked:
            _offer(call, agent.pk)
    return len(locked)


def pass_on_vain_offers(*, of_agent: int | None = None, forgive_silence: bool = False) -> int:
    """Withdraw offers from agents who are no longer free; their calls go on at once. Gives the number of calls.

    One query while there are none. A call that somebody else has locked right now waits for the next round.
    """
    free = free_agents(heard_since=None if forgive_silence else _heard()).order_by().values("pk")
    vain = CallOffer.objects.open().exclude(agent__in=free)
    if of_agent is not None:
        vain = vain.filter(agent=of_agent)
    if not vain.exists():
        return 0
    with atomic():
        affected = Call.objects.filter(pk__in=vain.values("call"), state__in=WAITING_STATES).order_by("pk")
        calls = list(affected.select_related("line").select_for_update(of=("self",), skip_locked=True, no_key=True))
        withdraw_offers(vain.filter(call__in=calls))
        for call in calls:
            offer_next(call)
    return len(calls)


def withdraw_offers(offers: Iterable[CallOffer]) -> None:
    """These offers are no more, and their agents are told."""
    lost = list(offers)
    CallOffer.objects.filter(pk__in=[offer.pk for offer in lost]).open().update(
        outcome=OfferOutcome.LOST, closed_at=clock.now()
    )
    for agent_id in {offer.agent_id for offer in lost}:
        hint_on_commit(agent_channel(agent_id), "queue")


def close_offers(call: Call) -> None:
    """Once nobody can claim the call any more, its open offers end and their agents are told."""
    offers = list(call.offers.open())
    for offer in offers:
        if offer.agent_id == call.agent_id:
            offer.outcome = OfferOutcome.CLAIMED
        else:
            offer.outcome = OfferOutcome.TAKEN_BY_OTHER if call.agent_id else OfferOutcome.WITHDRAWN
            hint_on_commit(agent_channel(offer.agent_id), "queue")
        offer.closed_at = clock.now()
    if offers:
        CallOffer.objects.bulk_update(offers, ["outcome", "closed_at"])
