"""The books of the house against what the people themselves know. Needs Django set up with its database."""

from collections import Counter
from collections.abc import Iterator

from bench.soak.checks import Check, check
from bench.soak.pulses import Pulses
from bench.soak.records import CallerRecord, Records
from calls.models import Call, CallEvent
from calls.models.browser import LEAVING_LIMIT, SILENCE_LIMIT
from calls.states import CallOutcome, EventKind
from inquiries.models import Inquiry, InquiryKind, MessageDraft

# The ledger knows whole seconds; the dispatcher looks once in a second, on a busy machine later.
BOUNDARY_SECONDS = 1.0
DISPATCHER_SECONDS = 10.0


def check_witnesses(records: Records, pulses: Pulses) -> list[Check]:
    """Every promise that somebody outside can prove."""
    calls = _calls_of(records)
    return [
        check("an attempt that was answered is one call, any other at most one", _attempts(records, calls)),
        check("no call ends before the caller was last known to be there", _not_cut_short(records, calls)),
        check("no call goes on after its caller was gone", _not_too_long(records, calls, pulses)),
        check("a caller by telephone has left when the network says so", _left_in_time(records, calls)),
        check("whoever heard an apology for a fault is called back", _apologies(records, calls)),
        check("what an agent was told has been done is in the ledger", _commands(records)),
        check("the result of a call is what its agent last gave", _results(records)),
        check("a number that was left is on the call-back", _numbers(records, calls)),
        check("what was typed and not sent is kept as a draft", _drafts(records)),
    ]


def _calls_of(records: Records) -> dict[str, Call]:
    """The calls by the ledger's name of their beginning."""
    keys = [record.event_key for record in records.callers]
    begun = CallEvent.objects.filter(carrier_event_key__in=keys).select_related("call")
    return {event.carrier_event_key: event.call for event in begun}


def _attempts(records: Records, calls: dict[str, Call]) -> Iterator[str | None]:
    for record in records.callers:
        call = calls.get(record.event_key)
        is_right = record.public_id == str(call.public_id) if call else not record.public_id
        yield None if is_right or not record.public_id else f"the call {record.public_id} is not there"
    unknown = Call.objects.exclude(pk__in=[call.pk for call in calls.values()])
    for call in unknown:
        yield f"{call.public_id} was called by nobody"


def _ended(records: Records, calls: dict[str, Call]) -> Iterator[tuple[CallerRecord, Call, float]]:
    """Everybody whose call is over, with its end."""
    for record in records.callers:
        call = calls.get(record.event_key)
        if call is not None and call.ended_at is not None:
            yield record, call, call.ended_at.timestamp()


def _not_cut_short(records: Records, calls: dict[str, Call]) -> Iterator[str | None]:
    for record, call, ended in _ended(records, calls):
        cut = record.last_live_at - BOUNDARY_SECONDS - ended
        yield (
            f"{call.public_id} ({record.carrier}) ended {cut:.1f} s before its caller's last answered sign"
            if cut > 0
            else None
        )


def _not_too_long(records: Records, calls: dict[str, Call], pulses: Pulses) -> Iterator[str | None]:
    for record, call, ended in _ended(records, calls):
        over = ended - _latest_end(record, pulses) - BOUNDARY_SECONDS
        yield (
            f"{call.public_id} ({record.carrier}) ended {over:.1f} s after its caller can have been there"
            if over > 0
            else None
        )


def _left_in_time(records: Records, calls: dict[str, Call]) -> Iterator[str | None]:
    """Whole seconds on both sides: the network tells no fractions. What the house ended itself has ended before."""
    left = CallEvent.objects.filter(kind=EventKind.CALLER_LEFT).order_by("occurred_at")
    first = {event.call_id: event.occurred_at.timestamp() for event in reversed(left)}
    for record in records.callers:
        call = calls.get(record.event_key)
        if record.carrier == "twilio" and record.hung_up_at and call is not None and call.pk in first:
            wrong = first[call.pk] - record.hung_up_at
            is_true = abs(wrong) <= BOUNDARY_SECONDS
            yield None if is_true else f"{call.public_id}: the caller is said to have left {wrong:.1f} s late"


def _apologies(records: Records, calls: dict[str, Call]) -> Iterator[str | None]:
    for record in records.callers:
        if record.has_heard_apology:
            call = calls.get(record.event_key)
            found = call.outcome if call else "not there"
            yield None if found == CallOutcome.FAILED else f"{record.event_key} is {found}"


def _latest_end(record: CallerRecord, pulses: Pulses) -> float:
    """The latest moment at which the house may say that the call ended."""
    if record.hung_up_at:
        said = record.hang_up_known_by
        return min(said, record.over_seen_at) if record.over_seen_at else said
    if record.over_seen_at:
        return record.over_seen_at
    if record.left_at:
        return pulses.patient_until(record.left_at, LEAVING_LIMIT.total_seconds()) + DISPATCHER_SECONDS
    return pulses.patient_until(record.last_sign_at, SILENCE_LIMIT.total_seconds()) + DISPATCHER_SECONDS


# What an agent does and how the ledger calls it.
KINDS = {
    "claimed": EventKind.CLAIMED,
    "held": EventKind.HELD,
    "resumed": EventKind.RESUMED,
    "agent_ended": EventKind.AGENT_ENDED,
}


def _commands(records: Records) -> Iterator[str | None]:
    rows = CallEvent.objects.filter(kind__in=KINDS.values(), agent__isnull=False)
    found = Counter(
        (email, kind, str(call))
        for email, kind, call in rows.values_list("agent__user__email", "kind", "call__public_id")
    )
    for agent in records.agents:
        for (kind, call), done in agent.done.items():
            if kind not in KINDS:
                continue
            count = found[agent.email, KINDS[kind], call]
            is_true = 1 <= count <= agent.asked[kind, call]
            yield None if is_true else f"{call}: {kind} {done} times by {agent.email}, {count} times in the ledger"


def _results(records: Records) -> Iterator[str | None]:
    given = {str(call): result for call, result in Call.objects.values_list("public_id", "disposition")}
    for agent in records.agents:
        for call, result in agent.results.items():
            yield (
                None if given.get(call) == result else f"{call}: {agent.email} gave {result}, it has {given.get(call)}"
            )


def _numbers(records: Records, calls: dict[str, Call]) -> Iterator[str | None]:
    for record in records.callers:
        call = calls.get(record.event_key)
        if not record.number_left or call is None:
            continue
        noted = Inquiry.objects.filter(call=call, kind=InquiryKind.CALLBACK).values_list("caller_number", flat=True)
        is_noted = list(noted) == [record.number_left]
        yield None if is_noted else f"{call.public_id}: {record.number_left} was left, noted is {list(noted)}"


def _drafts(records: Records) -> Iterator[str | None]:
    sent = {str(key) for key in Inquiry.objects.filter(form_key__isnull=False).values_list("form_key", flat=True)}
    kept = {str(draft.call.public_id): draft for draft in MessageDraft.objects.select_related("call")}
    for call, typed in records.drafts.items():
        draft = kept.get(call)
        is_kept = draft is not None and (
            draft.revision > typed.revision or (draft.revision, draft.text) == (typed.revision, typed.text)
        )
        is_gone = f"{call}: {typed.text!r} (revision {typed.revision}) is not kept"
        yield None if is_kept or typed.form_key in sent else is_gone
