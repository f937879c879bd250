"""Sent after commit with ids only; whoever must not miss one also pulls (DESIGN §2)."""

from django.dispatch import Signal

agent_changed = Signal()  # agent_id; what the agent may take has changed
