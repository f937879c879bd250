"""Calls follow what an agent may take, and whoever leaves during a call closes it first."""

from django.db import transaction
from django.db.models import Exists, OuterRef

from answering.accounts.models import Agent, Presence, User
from answering.accounts.services.changes import tell_changed
from calls.models import Call, CallOffer
from calls.services.routing import offer_next, offer_waiting_to, pass_on_vain_offers, withdraw_offers
from calls.states import OCCUPIED_STATES, WAITING_STATES


def follow_agent(agent_id: int) -> None:
    """Withdraw what this agent may not take any more, and offer what they may take now.

    Lost, it does no harm: nobody can claim what they are not cleared for, and calls go on being offered.
    """
    agent = Agent.objects.filter(pk=agent_id).first()
    if agent is None:
        return
    pass_on_vain_offers(of_agent=agent_id)
    _pass_on_unsuitable(agent)
    offer_waiting_to(agent)


def _pass_on_unsuitable(agent: Agent) -> None:
    offers = CallOffer.objects.open().filter(agent=agent)
    unsuitable = offers.exclude(call__in=Call.objects.for_agent(agent))
    with transaction.atomic():
        waiting = Call.objects.filter(pk__in=unsuitable.values("call"), state__in=WAITING_STATES).order_by("pk")
        calls = list(waiting.select_related("line").select_for_update(of=("self",), no_key=True))
        withdraw_offers(unsuitable.filter(call__in=calls))
        for call in calls:
            offer_next(call)


def is_occupied(agent: Agent) -> bool:
    """Whether the agent is in a call, or has yet to close one."""
    return Call.objects.filter(agent=agent, state__in=OCCUPIED_STATES).exists()


def end_finished() -> int:
    """Sign out those who were deactivated during a call that is closed by now; gives how many. One query if none."""
    occupied = Call.objects.filter(agent__user=OuterRef("pk"), state__in=OCCUPIED_STATES)
    finished = list(User.objects.filter(finishes_call=True).exclude(Exists(occupied)).values_list("pk", flat=True))
    if not finished:
        return 0
    with transaction.atomic():
        User.objects.filter(pk__in=finished).update(finishes_call=False)
        Agent.objects.filter(user__in=finished).update(presence=Presence.OFFLINE)
        for agent in Agent.objects.filter(user__in=finished):
            tell_changed(agent)
    return len(finished)
