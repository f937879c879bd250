"""A call arrives; later its carrier reports on it."""

import structlog
from django.db import IntegrityError, transaction

from answering.lib import clock
from answering.lib.worktime import WorkTimeError
from calls.carriers.base import CallLegRef, CallProgress, Decision, InboundCall, RoutingDecision
from calls.errors import LineClosed, LineUnknown
from calls.models import Call
from calls.services.book import CallBook, whole_second
from calls.services.callers import clean_name, recognise
from calls.services.orders import agent_leg, order_on_commit
from calls.services.routing import offer_to_best
from calls.states import REPORTED_KINDS, CallOutcome, CallState, EventKind
from clients.models import Line

log = structlog.get_logger(__name__)


def receive_call(inbound: InboundCall) -> RoutingDecision:
    """Write a new call and decide what happens to it.

    The same `event_key` again gives the same call. Raises LineUnknown, LineClosed.
    """
    known = _begun_by(inbound.event_key)
    if known is not None:
        return _decision(known)
    line = _line_of(inbound.dialled)
    try:
        with transaction.atomic():
            return _decision(_write_call(line, inbound))
    except IntegrityError:
        repeated = _begun_by(inbound.event_key)
        if repeated is None:
            raise
        return _decision(repeated)


def _begun_by(event_key: str) -> Call | None:
    return Call.objects.filter(events__carrier_event_key=event_key).first()


def _decision(call: Call) -> RoutingDecision:
    decision = Decision.REJECT if call.outcome == CallOutcome.BLOCKED else Decision.QUEUE
    return RoutingDecision(decision, call.public_id)


def find_line(dialled: str) -> Line:
    """The active line of a number or slug; raises LineUnknown."""
    if not dialled.isprintable():
        raise LineUnknown
    field = "number" if dialled.startswith("+") else "slug"
    line = (
        Line.objects.select_related("client", "calendar", "script")
        .filter(**{field: dialled}, is_active=True, client__closed_at=None)
        .first()
    )
    if line is None:
        raise LineUnknown
    return line


def _line_of(dialled: str) -> Line:
    line = find_line(dialled)
    check_open(line)
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


def _write_call(line: Line, inbound: InboundCall) -> Call:
    caller = recognise(line, inbound.caller_number, inbound.caller_name)
    started = whole_second(clock.epoch_second(inbound.occurred_at))
    call = Call.objects.create(
        client=line.client,
        line=line,
        script_version=line.script.current_version(),
        carrier=inbound.carrier,
        caller=caller,
        caller_number=str(caller.number) if caller else "",
        caller_name=clean_name(inbound.caller_name) or (caller.name if caller else ""),
        state=CallState.RINGING,
        started_at=started,
        state_since=started,
    )
    book = CallBook(call)
    book.fact(EventKind.ARRIVED, inbound.event_key, inbound.occurred_at)
    if caller is not None and caller.is_blocked:
        book.command(EventKind.BLOCKED)
        return book.settle()
    book.command(EventKind.QUEUED)
    offer_to_best(book.settle())
    return call


def record_progress(progress: CallProgress) -> Call:
    """Store a carrier's fact and fold again; never refused for the call's state.

    Audio of an agent who no longer has the call is hung up. Raises Call.DoesNotExist for a call that
    is not ours, ValueError for a kind that is not a fact but a command of ours.
    """
    if progress.kind not in REPORTED_KINDS:
        raise ValueError(f"A carrier cannot report {progress.kind!r}.")
    with transaction.atomic():
        book = CallBook.open(Call.objects.values_list("pk", flat=True).get(public_id=progress.call))
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
        order_on_commit(call, "hang_up_agent", CallLegRef(call.public_id, None, generation))
