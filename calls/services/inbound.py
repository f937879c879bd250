"""A call arrives; later its carrier reports on it."""

from django.db import IntegrityError, transaction
from phonenumber_field.phonenumber import PhoneNumber
from phonenumbers import NumberParseException

from answering.lib import clock
from calls.carriers.base import CallProgress, Decision, InboundCall, RoutingDecision
from calls.errors import LineClosed, LineUnknown
from calls.models import Call, CallEvent, Caller
from calls.services.book import CallBook
from calls.services.routing import put_in_queue
from calls.states import CallState, EventKind
from clients.models import Line

NAME_LIMIT = 200


def receive_call(inbound: InboundCall) -> RoutingDecision:
    """Write a new call and decide what happens to it.

    The same `event_key` again gives the same call. Raises LineUnknown, LineClosed.
    """
    known = CallEvent.objects.select_related("call").filter(carrier_event_key=inbound.event_key).first()
    if known is not None:
        return _decision(known.call)
    line = _line_of(inbound.dialled)
    try:
        with transaction.atomic():
            return _decision(_write_call(line, inbound))
    except IntegrityError:
        repeat = CallEvent.objects.select_related("call").filter(carrier_event_key=inbound.event_key).first()
        if repeat is None:
            raise
        return _decision(repeat.call)


def _decision(call: Call) -> RoutingDecision:
    decision = Decision.REJECT if call.outcome == "blocked" else Decision.QUEUE
    return RoutingDecision(decision, call.public_id)


def find_line(dialled: str) -> Line:
    """The active line of a number or slug; raises LineUnknown."""
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
    hours = line.calendar.work_calendar()
    if not hours.is_open(clock.now()):
        raise LineClosed(hours.next_opening(clock.now()))
    return line


def _write_call(line: Line, inbound: InboundCall) -> Call:
    caller = recognise(line, inbound.caller_number, inbound.caller_name)
    started = inbound.occurred_at.replace(microsecond=0)
    call = Call.objects.create(
        client=line.client,
        line=line,
        script_version=line.script.current_version(),
        carrier=inbound.carrier,
        caller=caller,
        caller_number=str(caller.number) if caller else "",
        caller_name=(inbound.caller_name.strip() or (caller.name if caller else ""))[:NAME_LIMIT],
        state=CallState.RINGING,
        started_at=started,
        state_since=started,
    )
    book = CallBook(call)
    book.fact(EventKind.ARRIVED, inbound.event_key, inbound.occurred_at)
    if caller is not None and caller.is_blocked:
        book.command(EventKind.BLOCKED)
        return book.settle()
    return put_in_queue(book)


def recognise(line: Line, number: str, name: str) -> Caller | None:
    """The caller of this client by number; None when withheld or malformed. A name once known is kept."""
    parsed = _e164(number, line.client.country)
    if parsed is None:
        return None
    caller, _is_new = Caller.objects.get_or_create(
        client=line.client, number=parsed, defaults={"name": name.strip()[:NAME_LIMIT], "language": line.language}
    )
    return caller


def _e164(number: str, country: str) -> str | None:
    if not number.strip():
        return None
    try:
        parsed = PhoneNumber.from_string(number.strip()[:40], region=country)
    except NumberParseException:
        return None
    return str(parsed.as_e164) if parsed.is_valid() else None


def record_progress(progress: CallProgress) -> Call:
    """Store a carrier's fact and fold again; never refused for the call's state.

    Raises Call.DoesNotExist for a call that is not ours.
    """
    with transaction.atomic():
        book = CallBook.open(Call.objects.values_list("pk", flat=True).get(public_id=progress.call))
        book.fact(
            progress.kind,
            progress.event_key,
            progress.occurred_at,
            sequence=progress.sequence,
            generation=progress.generation,
        )
        return book.settle()
