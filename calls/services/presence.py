"""Consoles and the agents at them."""

import uuid
from datetime import timedelta

from answering.accounts.models import Agent, Presence
from answering.lib import clock
from answering.push.channels import agent_channel, desk_channel
from answering.push.hints import hint
from calls.errors import ConsoleReplaced
from calls.services.routing import offer_waiting_to

AWAY_AFTER = timedelta(minutes=5)


def open_console(agent: Agent, console_id: uuid.UUID) -> Agent:
    """This page now holds the agent; an older page is told. Back after more than 5 minutes one chooses anew."""
    now = clock.now()
    if agent.heartbeat_at is None or now - agent.heartbeat_at > AWAY_AFTER:
        agent.presence, agent.presence_since = Presence.OFFLINE, now
    agent.console_id, agent.heartbeat_at = console_id, now
    agent.save(update_fields=["console_id", "heartbeat_at", "presence", "presence_since"])
    hint(agent_channel(agent.pk), "console", console=str(console_id))
    return agent


def hear_agent(agent: Agent, console_id: uuid.UUID) -> None:
    """Record a sign of life, one UPDATE. Raises ConsoleReplaced from a page that no longer holds the agent."""
    heard = Agent.objects.filter(pk=agent.pk, console_id=console_id).update(heartbeat_at=clock.now())
    if not heard:
        raise ConsoleReplaced


def set_presence(agent: Agent, presence: Presence) -> Agent:
    """The agent's own choice; becoming available counts as idle from now and brings the waiting calls."""
    now = clock.now()
    if presence == Presence.AVAILABLE and agent.presence != Presence.AVAILABLE:
        agent.idle_since = now
    agent.presence, agent.presence_since, agent.heartbeat_at = presence, now, now
    agent.save(update_fields=["presence", "presence_since", "heartbeat_at", "idle_since"])
    hint(desk_channel(), "agent", agent=agent.pk)
    hint(agent_channel(agent.pk), "agent", agent=agent.pk)
    if presence == Presence.AVAILABLE:
        offer_waiting_to(agent)
    return agent
