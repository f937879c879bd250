"""Plans of calls as rows: ledgers first, columns folded from them, then requests and prices."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from django.db.models import prefetch_related_objects

from answering.accounts.models import Agent
from answering.desk.demo.answers import script_answers
from answering.desk.demo.callers import PlannedCaller
from answering.desk.demo.company import DemoCompany
from answering.desk.demo.requests import plan_inquiry
from answering.desk.demo.staff import STAFF
from answering.desk.demo.traffic import OFFER_INTERVAL, DutyAgent, PlannedCall, plan_calls
from answering.lib.text import search_key
from billing.models import UsageRecord
from billing.services import usage_of
from calls.ledger import fold
from calls.models import Call, Caller, CallEvent, CallOffer, ScriptAnswer
from calls.services.book import apply_fold
from clients.models import Client, Line, ScriptVersion
from inquiries.models import Inquiry

HISTORY_DAYS = 61
CARRIER = "browser"
BATCH = 2000
ARRIVAL = timedelta(milliseconds=3)  # from a fact to its row


@dataclass(frozen=True)
class Reached:
    """One company as its calls need it."""

    company: DemoCompany
    client: Client
    line: Line
    script: ScriptVersion | None

    @classmethod
    def find(cls, company: DemoCompany) -> "Reached":
        line = Line.objects.select_related("client__calendar", "client__provider__calendar", "script").get(
            slug=company.slug
        )
        return cls(company, line.client, line, line.script.current_version())


def write_history(companies: Sequence[DemoCompany], now: datetime) -> int:
    """Write the calls of the two months before `now`; gives their number. The same day gives the same calls."""
    today = now.astimezone(ZoneInfo("Europe/Riga")).date()
    rng = Random(f"alio {today}")  # noqa: S311 - made-up calls, repeatable
    reached = {company.slug: Reached.find(company) for company in companies}
    days = [today - timedelta(days=n) for n in range(HISTORY_DAYS, -1, -1)]
    calendars = {slug: place.client.calendar.work_calendar() for slug, place in reached.items()}
    plans = plan_calls(companies, calendars, _agents(), days, rng)
    past = [plan for plan in plans if (plan.closed_at or plan.events[-1].occurred_at) < now]
    rows = _write_calls(past, reached, rng)
    _write_inquiries(rows, reached, now, rng)
    _write_answers(rows, reached)
    _write_usage([call for call, _plan in rows], reached)
    return len(rows)


def history_exists() -> bool:
    """Whether the history has been written, by the key of its first event."""
    return CallEvent.objects.filter(carrier_event_key=_key(0, 0)).exists()


def _agents() -> list[DutyAgent]:
    found = {agent.user.email: agent for agent in Agent.objects.select_related("user")}
    return [
        DutyAgent(found[person.email].pk, person, ZoneInfo(found[person.email].user.time_zone))
        for person in STAFF
        if person.duties
    ]


def _key(number: int, place: int) -> str:
    return f"demo:{number}:{place}"


def _write_calls(
    plans: Sequence[PlannedCall], reached: dict[str, Reached], rng: Random
) -> list[tuple[Call, PlannedCall]]:
    callers = _write_callers(plans, reached)
    rows = [(_call(plan, reached[plan.company.slug], callers, rng), plan) for plan in plans]
    events = []
    for number, (call, plan) in enumerate(rows):
        ledger = _ledger(call, plan, number)
        _fold_into(call, ledger, plan)
        events += ledger
    Call.objects.bulk_create((call for call, _plan in rows), batch_size=BATCH)
    CallEvent.objects.bulk_create(events, batch_size=BATCH)
    CallOffer.objects.bulk_create(_offers(rows), batch_size=BATCH)
    return rows


def _write_callers(plans: Iterable[PlannedCall], reached: dict[str, Reached]) -> dict[tuple[str, str], Caller]:
    """Everybody who showed a number, with the name last known."""
    seen: dict[tuple[str, str], tuple[PlannedCaller, PlannedCall, str]] = {}
    for plan in plans:
        if plan.caller is not None:
            key = (plan.company.slug, plan.caller.number)
            first = seen[key][1] if key in seen else plan
            name = plan.caller_name or (seen[key][2] if key in seen else "")
            seen[key] = (plan.caller, first, name)
    rows = {
        key: Caller(
            client=reached[key[0]].client,
            number=person.number,
            name=name,
            search_key=search_key(name),
            language=first.company.language,
            note=person.note,
            is_blocked=person.is_blocked,
            created_at=first.arrived_at,
        )
        for key, (person, first, name) in seen.items()
    }
    Caller.objects.bulk_create(rows.values(), batch_size=BATCH)
    return rows


def _call(plan: PlannedCall, place: Reached, callers: dict[tuple[str, str], Caller], rng: Random) -> Call:
    started_at = plan.arrived_at.replace(microsecond=0)
    return Call(
        public_id=_uuid7_at(plan.arrived_at, rng),
        client=place.client,
        line=place.line,
        script_version=place.script,
        carrier=CARRIER,
        caller=callers[plan.company.slug, plan.caller.number] if plan.caller else None,
        caller_number=plan.caller.number if plan.caller else "",
        caller_name=plan.caller_name,
        started_at=started_at,
        state_since=started_at,
    )


def _uuid7_at(moment: datetime, rng: Random) -> uuid.UUID:
    """A UUID of version 7 (RFC 9562) of a moment in the past."""
    high = int(moment.timestamp() * 1000) << 80 | 7 << 76 | rng.getrandbits(12) << 64
    return uuid.UUID(int=high | 0b10 << 62 | rng.getrandbits(62))


def _ledger(call: Call, plan: PlannedCall, number: int) -> list[CallEvent]:
    return [
        CallEvent(
            call=call,
            kind=event.kind,
            agent_id=event.agent_id,
            generation=event.generation,
            occurred_at=event.occurred_at,
            received_at=event.occurred_at + ARRIVAL,
            carrier_event_key=_key(number, place),
        )
        for place, event in enumerate(plan.events)
    ]


def _fold_into(call: Call, ledger: Sequence[CallEvent], plan: PlannedCall) -> None:
    call.closed_at = plan.closed_at
    apply_fold(call, fold(ledger))
    call.disposition = plan.disposition or ""
    call.ledger_version = len(ledger)
    call.ledger_changed_at = call.closed_at or plan.events[-1].occurred_at


def _offers(rows: Iterable[tuple[Call, PlannedCall]]) -> Iterable[CallOffer]:
    for call, plan in rows:
        for offer in plan.offers:
            closed_at = (call.answered_at or call.ended_at or offer.offered_at) + ARRIVAL
            yield CallOffer(
                call=call,
                agent_id=offer.agent_id,
                offered_at=offer.offered_at,
                outcome=offer.outcome,
                closed_at=max(closed_at, offer.offered_at + ARRIVAL),
            )


def _write_inquiries(
    rows: Iterable[tuple[Call, PlannedCall]], reached: dict[str, Reached], now: datetime, rng: Random
) -> None:
    contacts = {
        slug: list(place.client.contacts.select_related("department").order_by("pk")) for slug, place in reached.items()
    }
    planned = [plan_inquiry(call, plan, contacts[plan.company.slug], now, rng) for call, plan in rows]
    Inquiry.objects.bulk_create([inquiry for inquiry in planned if inquiry is not None], batch_size=BATCH)


def _write_answers(rows: Iterable[tuple[Call, PlannedCall]], reached: dict[str, Reached]) -> None:
    """What callers with a message have said to the script on the way."""
    scripts = {slug: place.script.read() for slug, place in reached.items() if place.script is not None}
    agents = {agent.pk: agent for agent in Agent.objects.select_related("user")}
    answers = (
        answer
        for call, plan in rows
        if plan.answers and plan.agent_id is not None
        for answer in script_answers(call, agents[plan.agent_id], scripts[plan.company.slug], plan.answers)
    )
    ScriptAnswer.objects.bulk_create(answers, batch_size=BATCH)


def _write_usage(calls: Sequence[Call], reached: dict[str, Reached]) -> None:
    prefetch_related_objects(calls, "events")
    versions = {place.client.pk: place.client.tariff.versions.get() for place in reached.values()}
    records = []
    for call in calls:
        record = usage_of(call, versions[call.client_id])
        record.created_at = call.ledger_changed_at + OFFER_INTERVAL
        records.append(record)
    UsageRecord.objects.bulk_create(records, batch_size=BATCH)
