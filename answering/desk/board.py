"""The supervisors' live board: what waits, who works, how today goes, what is about to break."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Avg, Count, Q
from django.utils import timezone

from answering.accounts.models import Agent, Presence
from answering.lib import clock
from calls.models import Call
from calls.states import AGENT_STATES, OCCUPIED_STATES, CallOutcome, CallState
from inquiries.models import Inquiry

SERVICE_LEVEL_SECONDS = 20
DEADLINES_SHOWN = 12


@dataclass(frozen=True, slots=True)
class AgentRow:
    """An agent as seen now; `state` is available, busy, wrap_up, break, lost or offline."""

    agent: Agent
    state: str
    since: datetime
    call: Call | None


@dataclass(frozen=True, slots=True)
class Today:
    """`service_level` is the share of callers answered within 20 s, in percent; None before the first call."""

    calls: int
    answered: int
    lost: int
    service_level: int | None
    speed_of_answer_seconds: int | None


@dataclass(frozen=True, slots=True)
class Board:
    waiting: Sequence[Call]
    talking: Sequence[Call]
    agents: Sequence[AgentRow]
    today: Today
    deadlines: Sequence[Inquiry]
    now: datetime

    @property
    def longest_since(self) -> datetime | None:
        return self.waiting[0].started_at if self.waiting else None


def live_board() -> Board:
    """Four queries, whatever the number of agents and calls."""
    now = clock.now()
    live = list(Call.objects.live().select_related("client", "line", "agent__user").order_by("started_at", "id"))
    wrap_ups = list(Call.objects.filter(state=CallState.WRAP_UP).select_related("client"))
    return Board(
        waiting=[call for call in live if call.state not in AGENT_STATES],
        talking=[call for call in live if call.state in AGENT_STATES],
        agents=_agent_rows(live + wrap_ups, now),
        today=_today(),
        deadlines=list(Inquiry.objects.open().select_related("client", "contact")[:DEADLINES_SHOWN]),
        now=now,
    )


def _agent_rows(calls: Sequence[Call], now: datetime) -> list[AgentRow]:
    by_agent = {call.agent_id: call for call in calls if call.agent_id is not None}
    agents = Agent.objects.exclude(presence=Presence.OFFLINE).select_related("user").order_by("user__sort_key")
    return [_agent_row(agent, by_agent.get(agent.pk), now) for agent in agents]


def rows_of(agents: Sequence[Agent]) -> dict[int, AgentRow]:
    """These agents as seen now, by key, those who are offline too; one query."""
    calls = Call.objects.filter(agent__in=agents, state__in=OCCUPIED_STATES).select_related("client")
    by_agent = {call.agent_id: call for call in calls}
    now = clock.now()
    return {agent.pk: _agent_row(agent, by_agent.get(agent.pk), now) for agent in agents}


def _agent_row(agent: Agent, call: Call | None, now: datetime) -> AgentRow:
    if agent.presence == Presence.OFFLINE and call is None:
        return AgentRow(agent, Presence.OFFLINE, agent.presence_since, None)
    if not agent.is_heard(now):
        return AgentRow(agent, "lost", agent.heartbeat_at or agent.presence_since, call)
    if call is not None:
        state = "wrap_up" if call.state == CallState.WRAP_UP else "busy"
        return AgentRow(agent, state, call.state_since, call)
    since = max(agent.presence_since, agent.idle_since) if agent.presence == "available" else agent.presence_since
    return AgentRow(agent, agent.presence, since, None)


def _today() -> Today:
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
    answered = Q(outcome=CallOutcome.ANSWERED)
    lost = Q(outcome__in=(CallOutcome.ABANDONED, CallOutcome.MISSED))
    quick = answered & Q(queue_seconds__lte=SERVICE_LEVEL_SECONDS)
    counts = Call.objects.filter(started_at__gte=midnight).aggregate(
        calls=Count("pk"),
        answered=Count("pk", filter=answered),
        lost=Count("pk", filter=lost),
        quick=Count("pk", filter=quick),
        speed=Avg("queue_seconds", filter=answered),
    )
    offered = counts["answered"] + counts["lost"]
    return Today(
        calls=counts["calls"],
        answered=counts["answered"],
        lost=counts["lost"],
        service_level=round(100 * counts["quick"] / offered) if offered else None,
        speed_of_answer_seconds=None if counts["speed"] is None else round(counts["speed"]),
    )


def deadline_light(inquiry: Inquiry, now: datetime) -> str:
    """Traffic light of a promise: ok, warn in its last hour, danger once broken."""
    if inquiry.due_at <= now:
        return "danger"
    return "warn" if inquiry.due_at - now < timedelta(hours=1) else "ok"
