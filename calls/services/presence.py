"""Consoles and the agents at them."""

import uuid
from datetime import timedelta

from django.db import transaction

from answering.accounts.models import Agent, Presence
from answering.lib import clock
from answering.push.channels import agent_channel, desk_channel
from answering.push.hints import hint_on_commit
from calls.errors import ConsoleReplaced
from calls.services.routing import offer_waiting_to, pass_on_vain_offers

AWAY_AFTER = timedelta(minutes=5)


def open_console(agent: Agent, console_id: uuid.UUID) -> Agent:
    """This page now holds the agent; an older page is told. Back after more than 5 minutes one chooses anew."""
    now = clock.now()
    with transaction.atomic():
        _lock(agent)
        if agent.heartbeat_at is None or now - agent.heartbeat_at > AWAY_AFTER:
            agent.presence, agent.presence_since = Presence.OFFLINE, now
        agent.console_id, agent.heartbeat_at = console_id, now
        agent.save(update_fields=["console_id", "heartbeat_at", "presence", "presence_since"])
        hint_on_commit(agent_channel(agent.pk), "console", console=str(console_id))
    return agent


def hear_agent(agent: Agent, console_id: uuid.UUID) -> None:
    """Record a sign of life, one UPDATE. Raises ConsoleReplaced from a page that no longer holds the agent.

    Whoever had fallen silent is free again, and is offered what waits.
    """
    now = clock.now()
    heard = Agent.objects.filter(pk=agent.pk, console_id=console_id).update(heartbeat_at=now)
    if not heard:
        raise ConsoleReplaced
    if agent.presence == Presence.AVAILABLE and not agent.is_heard(now):
        offer_waiting_to(agent)


def set_presence(agent: Agent, presence: Presence) -> Agent:
    """The agent's own choice. Becoming available counts as idle from now and brings the waiting calls;
    otherwise the calls that the agent was offered go on to others at once.
    """
    now = clock.now()
    with transaction.atomic():
        _lock(agent)
        if presence == Presence.AVAILABLE and agent.presence != Presence.AVAILABLE:
            agent.idle_since = now
        agent.presence, agent.presence_since, agent.heartbeat_at = presence, now, now
        agent.save(update_fields=["presence", "presence_since", "heartbeat_at", "idle_since"])
        hint_on_commit(desk_channel(), "agent", agent=agent.pk)
        hint_on_commit(agent_channel(agent.pk), "agent", agent=agent.pk)
    if presence == Presence.AVAILABLE:
        offer_waiting_to(agent)
    else:
        pass_on_vain_offers(of_agent=agent.pk)
    return agent


def _lock(agent: Agent) -> None:
    """Read the agent's row afresh and keep it, so that nothing stale is written back."""
    agent.refresh_from_db(from_queryset=Agent.objects.select_for_update(no_key=True))
