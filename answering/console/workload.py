"""What waits: for anybody like this agent, and for this agent alone."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Avg, Case, Count, Exists, Model, OuterRef, Q, Subquery, Value, When, Window
from django.utils import timezone

from answering.accounts.models import Agent
from answering.lib import clock
from calls.models import Call, CallOffer
from calls.states import CallOutcome
from inquiries.models import DeadlineChange, DeadlineReason, Inquiry, MessageDraft

WAITING_SHOWN = 12
CALL_BACKS_SHOWN = 8
DRAFTS_SHOWN = 8
RECENT_SHOWN = 4
LATE_AFTER = timedelta(seconds=20)
SOON = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class WaitingCall:
    call: Call
    is_offered: bool
    is_late: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """Calls this agent could take, longest wait first; `total` counts those not shown as well."""

    calls: list[WaitingCall] = field(default_factory=list)
    total: int = 0

    @property
    def longest_since(self) -> datetime | None:
        return self.calls[0].call.started_at if self.calls else None

    @property
    def more(self) -> int:
        return self.total - len(self.calls)


def waiting_for(agent: Agent) -> Waiting:
    """What this agent could take; one query."""
    offered = CallOffer.objects.open().filter(call=OuterRef("pk"), agent=agent)
    calls = (
        Call.objects.waiting()
        .for_agent(agent)
        .select_related("client", "line")
        .annotate(is_offered=Exists(offered), total=Window(Count("*")))
    )
    late_before = clock.now() - LATE_AFTER
    rows = [
        WaitingCall(call, annotation(call, "is_offered"), call.started_at < late_before)
        for call in calls[:WAITING_SHOWN]
    ]
    return Waiting(rows, annotation(rows[0].call, "total") if rows else 0)


def annotation(row: Model, name: str) -> Any:
    """What a queryset has added to a row."""
    return vars(row)[name]


@dataclass(frozen=True, slots=True)
class DueCallBack:
    inquiry: Inquiry
    is_late: bool
    is_soon: bool
    moved_because: str = ""


@dataclass(frozen=True, slots=True)
class CallBacks:
    due: list[DueCallBack] = field(default_factory=list)
    total: int = 0


def call_backs_for(agent: Agent) -> CallBacks:
    """Call-backs the house owes to callers of this agent's clients, nearest deadline first; one query."""
    now = clock.now()
    owed = Inquiry.objects.call_backs_for(agent).select_related("client", "call__draft")
    moved = DeadlineChange.objects.filter(inquiry=OuterRef("pk")).order_by("-changed_at", "-pk").values("reason")[:1]
    owed = owed.annotate(total=Window(Count("*")), moved=Subquery(moved))
    due = [_due(each, now) for each in owed[:CALL_BACKS_SHOWN]]
    return CallBacks(due, annotation(due[0].inquiry, "total") if due else 0)


def _due(inquiry: Inquiry, now: datetime) -> DueCallBack:
    reason = annotation(inquiry, "moved")
    why = str(DeadlineReason(reason).label) if reason else ""
    return DueCallBack(inquiry, inquiry.due_at <= now, inquiry.due_at < now + SOON, why)


def drafts_of(agent: Agent, shown: Call | None) -> list[MessageDraft]:
    """Unsent messages of calls that are this agent's, or were and are nobody's now; that of the call
    shown first, then the latest; one query.
    """
    mine = Q(call__agent=agent) | Q(agent=agent, call__agent=None)
    drafts = MessageDraft.objects.filter(mine).select_related("call__client", "call__line", "contact")
    is_shown = Case(When(call=shown, then=0), default=1) if shown else Value(1)
    return list(drafts.order_by(is_shown, "-saved_at", "-pk")[:DRAFTS_SHOWN])


@dataclass(frozen=True, slots=True)
class Today:
    """The agent's answered calls since midnight in the agent's zone."""

    count: int = 0
    average_talk_seconds: int | None = None
    recent: list[Call] = field(default_factory=list)


def today_of(agent: Agent) -> Today:
    """Figures and the last calls of today; one query."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    calls = (
        Call.objects.filter(agent=agent, outcome=CallOutcome.ANSWERED, started_at__gte=midnight)
        .select_related("client", "line")
        .annotate(total=Window(Count("*")), average=Window(Avg("talk_seconds")))
        .order_by("-ended_at", "-pk")
    )
    recent = list(calls[:RECENT_SHOWN])
    if not recent:
        return Today()
    count, average = annotation(recent[0], "total"), round(annotation(recent[0], "average"))
    return Today(count, average, [call for call in recent if call.closed_at is not None])
