"""The log of who changed what of a colleague, and who is told."""

from answering.accounts.models import Agent, StaffChange, StaffChangeKind, User
from answering.accounts.signals import agent_changed
from answering.lib.commit import after_commit
from answering.push.channels import agent_channel, desk_channel
from answering.push.hints import hint_on_commit

VALUE_LIMIT = 254


def log_change(
    person: User, kind: StaffChangeKind, *, by: User, before: str = "", after: str = "", client_id: int | None = None
) -> None:
    """Write one line of the log, in the transaction of the change."""
    StaffChange.objects.create(
        person=person,
        kind=kind,
        changed_by=by,
        before=before[:VALUE_LIMIT],
        after=after[:VALUE_LIMIT],
        client_id=client_id,
    )


def tell_changed(agent: Agent) -> None:
    """Once committed the agent's console and the desk read again, and calls that wait are offered anew."""
    hint_on_commit(agent_channel(agent.pk), "agent", agent=agent.pk)
    hint_on_commit(desk_channel(), "agent", agent=agent.pk)
    after_commit(agent_changed.send_robust, sender=Agent, agent_id=agent.pk)
