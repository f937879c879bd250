"""A call arrives; later its carrier reports on it."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import IntegrityError, transaction
from django.db.models import JSONField, OuterRef, Subquery, Value
from django.db.models.functions import JSONObject

from answering.lib import clock
from answering.lib.worktime import WorkTimeError
from calls.carriers.base import CallLegRef, CallProgress, Decision, InboundCall, RoutingDecision
from calls.carriers.registry import carrier_named
from calls.errors import LineClosed, LineUnknown
from calls.models import Call, Caller, CallEvent, Order
from calls.services.agent_legs import agent_leg_failed
from calls.services.audio import agent_leg
from calls.services.book import CallBook, whole_second
from calls.services.callers import add_caller, clean_name, e164, recognise
from calls.services.orders import order_on_commit
from calls.services.routing import offer_to_best
from calls.states import REPORTED_KINDS, CallOutcome, CallState, EventKind
from clients.models import Line, ScriptVersion
from clients.querysets import LineQuerySet

log = structlog.get_logger(__name__)


def receive_call(inbound: InboundCall) -> RoutingDecision:
    """Write a new call and decide what happens to it; at most six statements when the number comes as E.164.

    The same `event_key` again gives the same call. On a closed line the call is over at once, and a call-back is
    owed. Raises LineUnknown.
    """
    reached = _reach(inbound)
    if reached.known_call is not None:
        return _decision(Call.objects.get(pk=reached.known_call), reached.line)
    try:
        with transaction.atomic():
            return _decision(_write_call(reached, inbound), reached.line)
    except IntegrityError:
        repeated = Call.objects.filter(events__carrier_event_key=inbound.event_key).first()
        if repeated is None:
            raise
        return _decision(repeated, reached.line)


def receive_failed_call(inbound: InboundCall) -> Call:
    """Write down a call that came while it could not be served, and was told so: it failed, a call-back is owed.

    The same `event_key` again gives the same call. Raises LineUnknown.
    """
    reached = _reach(inbound)
    if reached.known_call is not None:
        return Call.objects.get(pk=reached.known_call)
    with transaction.atomic():
        book = _begin_call(reached, inbound)
        book.fact(EventKind.FAILED, f"{inbound.event_key}:failed", inbound.occurred_at)
        return book.settle()


@dataclass(frozen=True, slots=True)
class _Reached:
    """The line that was called, and what else a new call needs to know; read in one statement."""

    line: Line
    known_call: int | None
    script_version: int | None
    caller: Caller | None
    number: str | None


def _reach(inbound: InboundCall) -> _Reached:
    number = e164(inbound.caller_number, "")
    lines = _lines_of(inbound.dialled).annotate(
        known_call=Subquery(CallEvent.objects.filter(carrier_event_key=inbound.event_key).values("call")[:1]),
        version=Subquery(ScriptVersion.objects.filter(script=OuterRef("script")).in_force().values("pk")[:1]),
        known_caller=_caller_of_line(number) if number else Value(None, output_field=JSONField()),
    )
    line = lines.first()
    if line is None or (inbound.account and not carrier_named(inbound.carrier).serves(inbound.account, line)):
        raise LineUnknown
    extra = vars(line)
    caller = Caller(client_id=line.client_id, **extra["known_caller"]) if extra["known_caller"] else None
    return _Reached(line, extra["known_call"], extra["version"], caller, number)


def _caller_of_line(number: str) -> Subquery:
    """Who is known to the line's client by this number: a JSON object of the fields that a call needs."""
    found = Caller.objects.filter(client=OuterRef("client"), number=number)
    return Subquery(found.values(fields=JSONObject(id="id", number="number", name="name", is_blocked="is_blocked"))[:1])


def _decision(call: Call, line: Line) -> RoutingDecision:
    if call.outcome == CallOutcome.BLOCKED:
        return RoutingDecision(Decision.REJECT, call.public_id, line)
    if call.outcome == CallOutcome.MISSED and call.total_seconds == 0:
        return RoutingDecision(Decision.CLOSED, call.public_id, line, next_opening(line))
    return RoutingDecision(Decision.QUEUE, call.public_id, line)


def _lines_of(dialled: str) -> LineQuerySet:
    """The active line of a number or slug, or none."""
    if not dialled.isprintable():
        raise LineUnknown
    field = "number" if dialled.startswith("+") else "slug"
    return Line.objects.answered().filter(**{field: dialled})


def find_line(dialled: str) -> Line:
    """The active line of a number or slug; raises LineUnknown."""
    line = _lines_of(dialled).first()
    if line is None:
        raise LineUnknown
    return line


def check_open(line: Line) -> None:
    """Raise LineClosed outside the line's hours; a calendar that nobody has filled in yet is closed too."""
    now = clock.now()
    try:
        hours = line.calendar.work_calendar()
    except WorkTimeError as error:
        log.warning("line.without_hours", line=line.slug, error=str(error))
        raise LineClosed from error
    if not hours.is_open(now):
        raise LineClosed(hours.next_opening(now))


def next_opening(line: Line) -> datetime | None:
    """When a closed line is answered again; None for an open one, and when nobody knows."""
    try:
        check_open(line)
    except LineClosed as closed:
        return closed.opens_at
    return None


def _write_call(reached: _Reached, inbound: InboundCall) -> Call:
    book = _begin_call(reached, inbound)
    call = book.call
    if call.caller is not None and call.caller.is_blocked:
        book.command(EventKind.BLOCKED)
        return book.settle()
    try:
        check_open(reached.line)
    except LineClosed:
        book.fact(EventKind.LINE_CLOSED, f"{inbound.event_key}:closed", inbound.occurred_at)
        return book.settle()
    book.command(EventKind.QUEUED)
    offer_to_best(book.settle())
    return call


def _begin_call(reached: _Reached, inbound: InboundCall) -> CallBook:
    """A new call with its arrival, to be written when the book is settled."""
    line, caller = reached.line, reached.caller
    if caller is None and reached.number is not None:
        caller = add_caller(line, reached.number, inbound.caller_name)
    elif caller is None:
        caller = recognise(line, inbound.caller_number, inbound.caller_name)
    started = whole_second(clock.epoch_second(inbound.occurred_at))
    call = Call(
        client=line.client,
        line=line,
        script_version_id=reached.script_version,
        carrier=inbound.carrier,
        carrier_account=inbound.account,
        carrier_call=inbound.carrier_call,
        caller=caller,
        caller_number=str(caller.number) if caller else "",
        caller_name=clean_name(inbound.caller_name) or (caller.name if caller else ""),
        state=CallState.RINGING,
        started_at=started,
        state_since=started,
    )
    book = CallBook(call, [])
    book.fact(EventKind.ARRIVED, inbound.event_key, inbound.occurred_at)
    return book


def record_progress(progress: CallProgress) -> Call:
    """Store a carrier's fact and fold again; never refused for the call's state.

    Audio of an agent who no longer has the call is hung up. Raises Call.DoesNotExist for a call that
    is not ours, ValueError for a kind that is not a fact but a command of ours.
    """
    if progress.kind not in REPORTED_KINDS:
        raise ValueError(f"A carrier cannot report {progress.kind!r}.")
    call_id = Call.objects.values_list("pk", flat=True).get(public_id=progress.call)
    if progress.kind == EventKind.AGENT_FAILED and progress.generation is not None:
        return agent_leg_failed(call_id, generation=progress.generation, key=progress.event_key)
    with transaction.atomic():
        book = CallBook.open(call_id)
        book.fact(
            progress.kind,
            progress.event_key,
            progress.occurred_at,
            sequence=progress.sequence,
            generation=progress.generation,
        )
        call = book.settle()
        if progress.kind == EventKind.AGENT_JOINED:
            _hang_up_outdated_audio(call, progress.generation)
        return call


def _hang_up_outdated_audio(call: Call, generation: int | None) -> None:
    wanted = agent_leg(call)
    if generation is not None and (wanted is None or wanted.generation != generation):
        order_on_commit(call, Order.HANG_UP_AGENT, CallLegRef(call.public_id, None, generation))
