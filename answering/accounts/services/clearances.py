"""Which agents may take calls of which clients."""

from collections.abc import Collection

from django.db import transaction

from answering.accounts.errors import NotStaff
from answering.accounts.models import CONSOLE_ROLES, Agent, Clearance, StaffChangeKind, User
from answering.accounts.services.changes import log_change, tell_changed

Pair = tuple[int, int]  # keys of an agent and a client


def change_clearances(*, grant: Collection[Pair], end: Collection[Pair], by: User) -> int:
    """Clear these agents for these clients, and end other clearances; gives how many have really changed.

    What somebody else has done already is done, and logged once; what is not named stays as it is. Consoles see it
    at once. Raises NotStaff if one who is to be cleared takes no calls or has left.
    """
    with transaction.atomic():
        agents = _locked({agent for agent, _client in (*grant, *end)})
        present = set(Clearance.objects.filter(agent__in=agents).values_list("agent_id", "client_id"))
        added, ended = set(grant) - present, set(end) & present
        for agent_id, client_id in sorted(added):
            _clear(agents[agent_id], client_id, by)
        for agent_id, client_id in sorted(ended):
            _end(agents[agent_id], client_id, by)
        for agent_id in {agent_id for agent_id, _client in added | ended}:
            tell_changed(agents[agent_id])
        return len(added | ended)


def end_clearances(agent: Agent, *, by: User) -> None:
    """The agent may take nobody's calls any more; in the caller's transaction."""
    for client_id in agent.clearances.order_by("client_id").values_list("client_id", flat=True):
        _end(agent, client_id, by)


def _locked(agents: Collection[int]) -> dict[int, Agent]:
    """In order of their keys, so that two who clear the same agents wait for one another."""
    rows = Agent.objects.filter(pk__in=agents).select_related("user").order_by("pk")
    return {agent.pk: agent for agent in rows.select_for_update(of=("self",), no_key=True)}


def _clear(agent: Agent, client_id: int, by: User) -> None:
    if not agent.user.is_active or agent.user.staff_role not in CONSOLE_ROLES:
        raise NotStaff
    Clearance.objects.create(agent=agent, client_id=client_id)
    log_change(agent.user, StaffChangeKind.CLEARED, by=by, client_id=client_id)


def _end(agent: Agent, client_id: int, by: User) -> None:
    Clearance.objects.filter(agent=agent, client=client_id).delete()
    log_change(agent.user, StaffChangeKind.CLEARANCE_ENDED, by=by, client_id=client_id)
