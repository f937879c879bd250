"""What became of the demo's calls: messages for the client's people, call-backs to callers who were lost."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from answering.desk.demo.company import Topic
from answering.desk.demo.traffic import PlannedCall
from answering.lib.text import search_key
from calls.models import Call, Disposition
from calls.states import LOST_OUTCOMES
from clients.models import Calendar, Contact
from inquiries.deadlines import client_deadline, provider_deadline
from inquiries.models import Inquiry, InquiryKind, InquiryState, Urgency

LATE_SHARE = 0.05


def plan_inquiry(
    call: Call, plan: PlannedCall, contacts: Sequence[Contact], now: datetime, rng: Random
) -> Inquiry | None:
    """The request that came of this call, not saved; None if none did."""
    if call.outcome in LOST_OUTCOMES:
        return _call_back(call, plan, now, rng)
    if call.disposition == Disposition.MESSAGE:
        return _message(call, plan, contacts, now, rng)
    return None


def _message(call: Call, plan: PlannedCall, contacts: Sequence[Contact], now: datetime, rng: Random) -> Inquiry:
    topic: Topic = rng.choice(plan.company.topics)
    words = plan.company.pick_words(rng)
    plan.answers = {key: given.format(**words) for key, given in topic.answers.items()}
    received_at = (call.closed_at or now) - timedelta(seconds=rng.uniform(1, 4))
    inquiry = Inquiry(
        client=call.client,
        call=call,
        kind=InquiryKind.MESSAGE,
        urgency=Urgency.URGENT if topic.is_urgent else Urgency.NORMAL,
        contact=rng.choice([person for person in contacts if str(person.department) == topic.department]),
        taken_by=call.agent,
        caller_name=call.caller_name,
        caller_number=call.caller_number,
        language=call.line.language,
        text=topic.text.format(**words).strip(),
        received_at=received_at,
        due_at=client_deadline(call.client, received_at),
    )
    return _answered(inquiry, call.client.calendar, now, rng)


def _call_back(call: Call, plan: PlannedCall, now: datetime, rng: Random) -> Inquiry:
    received_at = call.ended_at or now
    provider = call.client.provider
    inquiry = Inquiry(
        client=call.client,
        call=call,
        kind=InquiryKind.CALLBACK,
        caller_name=call.caller_name,
        caller_number=call.caller_number,
        language=call.line.language,
        received_at=received_at,
        due_at=provider_deadline(provider, call.client.response_target, received_at),
    )
    _answered(inquiry, provider.calendar, now, rng)
    if inquiry.state == InquiryState.ANSWERED:
        note = rng.choice(plan.company.call_back_notes)
        inquiry.answer_note = note if call.caller_number else plan.company.no_number_note
        inquiry.answered_by_id = rng.choice(plan.able_agents)
    return inquiry


def _answered(inquiry: Inquiry, calendar: Calendar, now: datetime, rng: Random) -> Inquiry:
    """Let the reply come within working hours, mostly in time; what would lie in the future is open still."""
    inquiry.search_key = search_key(f"{inquiry.caller_name} {inquiry.text}")
    hours = rng.uniform(9, 13) if rng.random() < LATE_SHARE else rng.triangular(0.2, 7.5, 2)
    answered_at = calendar.work_calendar().add(inquiry.received_at, timedelta(hours=hours))
    if answered_at < now:
        inquiry.state, inquiry.answered_at = InquiryState.ANSWERED, answered_at
    return inquiry
