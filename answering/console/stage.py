"""What stands in the centre of the console, and what the agent says there."""

import enum
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import JSONObject

from answering.accounts.models import Agent
from answering.console.workload import Waiting, annotation
from answering.lib import clock
from answering.lib.worktime import WorkTimeError
from calls.carriers.registry import all_carriers
from calls.models import Call, Disposition
from calls.models.call import FREE_DISPOSITIONS
from calls.states import CallState
from clients.hours import next_closing
from clients.models import Notice, Plan, WayOfWorking
from clients.models.ways import WAY_TEXTS

WRAP_UPS_SHOWN = 10
NOTICES_SHOWN = 5


class StageKind(enum.StrEnum):
    IDLE = "idle"
    INCOMING = "incoming"
    CALL = "call"
    WRAP_UP = "wrap-up"
    PAST = "past"


@dataclass(frozen=True, slots=True)
class Stage:
    """One call, or none, in the centre. `wrap_ups` are all calls the agent has yet to close."""

    kind: StageKind = StageKind.IDLE
    call: Call | None = None
    wrap_ups: list[Call] = field(default_factory=list)

    @property
    def is_occupied(self) -> bool:
        """Whether the agent is in a call or its wrap-up, so that no other is offered."""
        return self.kind == StageKind.CALL or bool(self.wrap_ups)

    @property
    def letter_call(self) -> Call | None:
        """The call whose message form is shown."""
        return None if self.kind == StageKind.INCOMING else self.call


def choose_stage(agent: Agent, opened: uuid.UUID | None, waiting: Waiting) -> Stage:
    """The live call first, then a wrap-up, an offer, a past call the agent has opened; at most four queries."""
    live = Call.objects.held_by(agent).values_list("pk", flat=True).first()
    wrap_ups = list(Call.objects.in_wrap_up(agent).select_related("client", "line")[:WRAP_UPS_SHOWN])
    if live is not None:
        return Stage(StageKind.CALL, _shown(pk=live), wrap_ups)
    if wrap_ups:
        chosen = next((call for call in wrap_ups if call.public_id == opened), wrap_ups[0])
        return Stage(StageKind.WRAP_UP, _shown(pk=chosen.pk), wrap_ups)
    offered = _offered(agent, waiting)
    if offered is not None:
        return Stage(StageKind.INCOMING, _shown(pk=offered))
    past = _shown(_mine(agent), public_id=opened, state=CallState.CLOSED) if opened else None
    return Stage(StageKind.PAST, past) if past is not None else Stage()


def _shown(*conditions: Q, **fields: object) -> Call | None:
    """One call with all that the centre and the side show of it."""
    everything = ("line__calendar", "client__calendar", "client__provider__calendar", "script_version")
    calls = Call.objects.select_related(*everything, "caller__merged_into").annotate(way=_way_in_force())
    return calls.filter(*conditions, **fields).first()


def _way_in_force() -> Subquery:
    """In the statement that reads the call, for the console has no other to spare."""
    ways = WayOfWorking.objects.filter(client=OuterRef("client")).order_by("-number")
    said = {name: name for name in (*WAY_TEXTS, "number", "agreed_by", "agreed_on")}
    return Subquery(ways.values(as_json=JSONObject(**said))[:1])


def _mine(agent: Agent) -> Q:
    """Calls of this agent's, and those nobody has any more of which this agent keeps a draft."""
    return Q(agent=agent) | Q(agent=None, draft__agent=agent)


def _offered(agent: Agent, waiting: Waiting) -> int | None:
    """The offered call that waits longest; asked for only when the list is too short to show it."""
    listed = next((row.call.pk for row in waiting.calls if row.is_offered), None)
    if listed is not None or not waiting.more:
        return listed
    offered = Call.objects.waiting().filter(offers__agent=agent, offers__outcome="open")
    return offered.values_list("pk", flat=True).first()


def running_notices(call: Call) -> list[Notice]:
    """What is different just now at the client's, as far as the call's line is concerned; one query."""
    notices = Notice.objects.running(clock.now()).on_line(call.line).select_related("client", "line")
    return list(notices[:NOTICES_SHOWN])


def way_with(call: Call) -> WayOfWorking | None:
    """What is agreed with a VIP client, as it came with a call that `choose_stage` has read; no query."""
    found: dict[str, Any] | None = annotation(call, "way")
    if found is None or call.client.plan != Plan.VIP:
        return None
    return WayOfWorking(client=call.client, **(found | {"agreed_on": date.fromisoformat(found["agreed_on"])}))


def spoken_notices(notices: Iterable[Notice]) -> str:
    """What a script says where it has `{notice}`."""
    return " ".join(notice.text for notice in notices)


@dataclass(frozen=True, slots=True)
class LineHours:
    """Whether the line is in hours, and till when; `closes_at` is None while closed and around the clock."""

    is_open: bool
    closes_at: datetime | None
    is_holiday: bool = False


def line_hours(call: Call) -> LineHours:
    """The hours of the call's line at this moment; a calendar that nobody has filled in is closed."""
    try:
        hours, now = call.line.calendar.work_calendar(), clock.now()
    except WorkTimeError:
        return LineHours(is_open=False, closes_at=None)
    is_open = hours.is_open(now)
    return LineHours(is_open, next_closing(hours, now), not is_open and hours.is_free_day(now))


def capabilities_of(call: Call) -> frozenset[str]:
    """What the call's carrier can do, by the values of `Capability`; nothing for a carrier that was dropped."""
    carriers = [carrier for carrier in all_carriers() if carrier.name == call.carrier]
    return frozenset(able.value for carrier in carriers for able in carrier.capabilities)


@dataclass(frozen=True, slots=True)
class Result:
    """A result code with its key and whether it is the likely one."""

    value: str
    label: str
    key: str
    is_likely: bool = False


RESULT_KEYS = {
    Disposition.MESSAGE: "1",
    Disposition.INFORMED: "2",
    Disposition.CALLBACK: "3",
    Disposition.HUNG_UP: "4",
    Disposition.WRONG_NUMBER: "W",
    Disposition.SPAM: "S",
}


def results(likely: Disposition | None = None) -> list[Result]:
    """The result codes an agent can give, each with its key."""
    return [Result(value.value, str(value.label), key, value == likely) for value, key in RESULT_KEYS.items()]


def free_results() -> list[Result]:
    """The result codes that end a live call and close it in one key; such a call costs the client nothing."""
    return [result for result in results() if result.value in FREE_DISPOSITIONS]
