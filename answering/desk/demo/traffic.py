"""Two months of calls as they could have been: who called when, who answered, what came of it. Pure, seeded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from answering.desk.demo.callers import CallerBook, PlannedCaller
from answering.desk.demo.company import DemoCompany
from answering.desk.demo.staff import DemoStaff
from answering.lib.worktime import WorkCalendar
from calls.models import Disposition, OfferOutcome
from calls.models.call import FREE_DISPOSITIONS
from calls.states import CallOutcome, EventKind

OFFER_INTERVAL = timedelta(seconds=6)
WAITING_LIMIT = timedelta(seconds=90)
WRAP_UP_LIMIT = timedelta(seconds=60)
MONDAY_RUSH = 1.15
BLOCKED_SHARE, WITHHELD_SHARE, HOLD_SHARE, AUDIO_LOSS_SHARE, FORGOTTEN_SHARE = 0.003, 0.07, 0.12, 0.015, 0.02
# Median seconds of talk, their spread, least and most; then least and most seconds of wrap-up.
SHAPES = {
    Disposition.MESSAGE: (128, 0.38, 45, 540, 12, 48),
    Disposition.INFORMED: (82, 0.45, 20, 420, 4, 20),
    Disposition.WRONG_NUMBER: (13, 0.3, 6, 40, 2, 7),
    Disposition.SPAM: (19, 0.5, 6, 70, 2, 8),
    Disposition.HUNG_UP: (8, 0.4, 3, 20, 2, 6),
}


@dataclass
class DutyAgent:
    """An agent at work; in one call at a time."""

    agent_id: int
    staff: DemoStaff
    zone: ZoneInfo
    free_at: datetime = datetime(2000, 1, 1, tzinfo=UTC)

    def can_take(self, company: DemoCompany) -> bool:
        return company.language in self.staff.speaks and company.slug in self.staff.clears

    def is_on_duty(self, moment: datetime) -> bool:
        local = moment.astimezone(self.zone)
        return any(
            local.weekday() in days and from_hour <= local.hour < to_hour
            for days, from_hour, to_hour in self.staff.duties
        )


@dataclass(frozen=True)
class PlannedEvent:
    kind: EventKind
    occurred_at: datetime
    agent_id: int | None = None
    generation: int | None = None


@dataclass
class PlannedOffer:
    agent_id: int
    offered_at: datetime
    outcome: OfferOutcome = OfferOutcome.WITHDRAWN


@dataclass
class PlannedCall:
    """What happened in one call. `outcome` is only what was meant: the ledger says it again from the events."""

    company: DemoCompany
    arrived_at: datetime
    caller: PlannedCaller | None
    outcome: CallOutcome = CallOutcome.ABANDONED
    agent_id: int | None = None
    disposition: Disposition | None = None
    able_agents: tuple[int, ...] = ()
    caller_name: str = ""
    events: list[PlannedEvent] = field(default_factory=list)
    offers: list[PlannedOffer] = field(default_factory=list)
    closed_at: datetime | None = None
    answers: dict[str, str] = field(default_factory=dict)  # what the caller said to the script, by its steps

    def note(
        self, kind: EventKind, after: float, agent_id: int | None = None, generation: int | None = None
    ) -> datetime:
        """Append an event so many seconds after the last one; gives its moment."""
        last = self.events[-1].occurred_at if self.events else self.arrived_at
        moment = last + timedelta(seconds=after)
        self.events.append(PlannedEvent(kind, moment, agent_id, generation))
        return moment


def plan_calls(
    companies: Sequence[DemoCompany],
    calendars: dict[str, WorkCalendar],
    agents: Sequence[DutyAgent],
    days: Sequence[date],
    rng: Random,
) -> list[PlannedCall]:
    """All calls of these days in order of arrival; no agent is ever in two."""
    arrivals = sorted(
        (
            (moment, company)
            for company in companies
            for day in days
            for moment in _arrivals(company, calendars[company.slug], day, rng)
        ),
        key=lambda arrival: arrival[0],
    )
    books = {company.slug: CallerBook(company, rng) for company in companies}
    return [_play(company, moment, books[company.slug], agents, rng) for moment, company in arrivals]


def _arrivals(company: DemoCompany, calendar: WorkCalendar, day: date, rng: Random) -> list[datetime]:
    zone = ZoneInfo(company.time_zone)
    hours, weights = list(company.hour_weights), list(company.hour_weights.values())
    moments = []
    for hour in rng.choices(hours, weights, k=_count(company, calendar, day, rng)):
        second = rng.randrange(3600)
        at = time(hour, second // 60, second % 60, rng.randrange(1_000_000))
        moments.append(datetime.combine(day, at, zone).astimezone(UTC))
    return moments


def _count(company: DemoCompany, calendar: WorkCalendar, day: date, rng: Random) -> int:
    noon = datetime.combine(day, time(12), ZoneInfo(company.time_zone))
    if not calendar.is_open(noon):
        return rng.randint(0, 1)
    if day.weekday() == 5:
        return rng.randint(company.saturday_calls // 2, company.saturday_calls)
    few, many = company.calls_per_day
    rush = MONDAY_RUSH if day.weekday() == 0 else 1
    return min(round(rng.randint(few, many) * rush), 25)


def _play(
    company: DemoCompany, arrived_at: datetime, book: CallerBook, agents: Sequence[DutyAgent], rng: Random
) -> PlannedCall:
    caller = book.blocked if rng.random() < BLOCKED_SHARE else book.next_caller()
    call = PlannedCall(company, arrived_at, caller, caller_name=book.known_name(caller))
    call.able_agents = tuple(agent.agent_id for agent in agents if agent.can_take(company))
    call.note(EventKind.ARRIVED, 0)
    if caller.is_blocked:
        call.outcome = CallOutcome.BLOCKED
        call.note(EventKind.BLOCKED, 0.004)
        return call
    queued_at = call.note(EventKind.QUEUED, 0.012)
    patience = rng.uniform(2, 9) if rng.random() < 0.02 else 14 + rng.expovariate(1 / 140)
    taker, claimed_at = _offer(call, agents, queued_at, rng)
    ends_waiting = min(queued_at + WAITING_LIMIT, queued_at + timedelta(seconds=patience))
    if taker is None or claimed_at >= ends_waiting:
        _lose(call, ends_waiting, is_missed=timedelta(seconds=patience) >= WAITING_LIMIT)
    else:
        _answer(call, taker, claimed_at, book, rng)
    if rng.random() < WITHHELD_SHARE and call.disposition != Disposition.MESSAGE:
        call.caller, call.caller_name = None, ""
    return call


def _offer(
    call: PlannedCall, agents: Sequence[DutyAgent], queued_at: datetime, rng: Random
) -> tuple[DutyAgent | None, datetime]:
    """Offer to the longest idle first, every six seconds to the next as well; who claims, and when."""
    waiting = sorted((agent for agent in agents if agent.can_take(call.company)), key=lambda agent: agent.free_at)
    best: tuple[DutyAgent | None, datetime] = (None, queued_at)
    next_offer = queued_at + timedelta(milliseconds=2)
    for agent in waiting:
        offered_at = max(agent.free_at, next_offer)
        if not agent.is_on_duty(offered_at) or (best[0] and offered_at >= best[1]):
            continue
        call.offers.append(PlannedOffer(agent.agent_id, offered_at))
        reaction = rng.uniform(1.6, 5.5) if rng.random() < 0.93 else rng.uniform(8, 25)
        claimed_at = offered_at + timedelta(seconds=reaction)
        if best[0] is None or claimed_at < best[1]:
            best = (agent, claimed_at)
        next_offer = offered_at + OFFER_INTERVAL
    return best


def _lose(call: PlannedCall, moment: datetime, *, is_missed: bool) -> None:
    call.outcome = CallOutcome.MISSED if is_missed else CallOutcome.ABANDONED
    kind = EventKind.GAVE_UP if is_missed else EventKind.CALLER_LEFT
    call.events.append(PlannedEvent(kind, moment))
    call.offers = [offer for offer in call.offers if offer.offered_at < moment]


def _answer(call: PlannedCall, agent: DutyAgent, claimed_at: datetime, book: CallerBook, rng: Random) -> None:
    call.outcome, call.agent_id = CallOutcome.ANSWERED, agent.agent_id
    call.events.append(PlannedEvent(EventKind.CLAIMED, claimed_at, agent.agent_id, 1))
    call.offers = [offer for offer in call.offers if offer.offered_at < claimed_at]
    for offer in call.offers:
        is_taker = offer.agent_id == agent.agent_id
        offer.outcome = OfferOutcome.CLAIMED if is_taker else OfferOutcome.TAKEN_BY_OTHER
    call.note(EventKind.AGENT_JOINED, rng.uniform(0.7, 2.1), generation=1)
    weights = call.company.dispositions
    disposition = rng.choices(list(weights), list(weights.values()))[0]
    if disposition in FREE_DISPOSITIONS:
        call.caller, call.caller_name = book.next_stranger(), ""
    median, spread, least, most, *wrap_up = SHAPES[disposition]
    rest = _talk(call, min(max(median * rng.lognormvariate(0, spread), least), most), rng)
    is_ours = disposition == Disposition.SPAM or (disposition != Disposition.HUNG_UP and rng.random() < 0.45)
    if is_ours:
        ended_at = call.note(EventKind.AGENT_ENDED, rest, agent.agent_id)
    else:
        ended_at = call.note(EventKind.CALLER_LEFT, rest)
    _close(call, disposition, ended_at + timedelta(seconds=rng.uniform(*wrap_up)), rng)
    if disposition in (Disposition.MESSAGE, Disposition.INFORMED) and call.caller is not None:
        call.caller_name = book.learn(call.caller, is_certain=disposition == Disposition.MESSAGE)
    agent.free_at = call.closed_at or ended_at


def _talk(call: PlannedCall, seconds: float, rng: Random) -> float:
    """Let them talk, sometimes up to a hold, rarely up to lost audio; gives the seconds that remain to be talked."""
    disturb: Callable[[PlannedCall, float, Random], None] | None = None
    if seconds > 50 and rng.random() < HOLD_SHARE:
        disturb = _hold
    elif seconds > 50 and rng.random() < AUDIO_LOSS_SHARE:
        disturb = _lose_audio
    if disturb is None:
        return seconds
    first = seconds * rng.uniform(0.25, 0.6)
    disturb(call, first, rng)
    return seconds - first


def _hold(call: PlannedCall, after: float, rng: Random) -> None:
    call.note(EventKind.HELD, after, call.agent_id)
    call.note(EventKind.RESUMED, rng.uniform(8, 75), call.agent_id)


def _lose_audio(call: PlannedCall, after: float, rng: Random) -> None:
    call.note(EventKind.AUDIO_LOST, after, generation=1)
    call.note(EventKind.AUDIO_RENEWED, rng.uniform(2, 5), generation=2)
    call.note(EventKind.AGENT_JOINED, rng.uniform(0.8, 2), generation=2)


def _close(call: PlannedCall, disposition: Disposition, closed_at: datetime, rng: Random) -> None:
    """The agent's result code, or none by the wrap-up limit."""
    call.disposition, call.closed_at = disposition, closed_at
    if disposition == Disposition.INFORMED and rng.random() < FORGOTTEN_SHARE:
        call.disposition = Disposition.NONE
        ended = call.events[-1].occurred_at.replace(microsecond=0)
        call.closed_at = ended + WRAP_UP_LIMIT + timedelta(seconds=0.4)
