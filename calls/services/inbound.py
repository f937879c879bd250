"""A call arrives; later its carrier reports on it."""

from contextlib import nullcontext
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.db.models import Max

from answering.lib import clock
from calls.carriers.base import CallLegRef, CallProgress, Decision, InboundCall, RoutingDecision
from calls.errors import LineClosed
from calls.models import Call, Order
from calls.services.agent_legs import agent_leg_failed
from calls.services.audio import agent_leg
from calls.services.book import CallBook
from calls.services.callers import add_caller, clean_name, recognise
from calls.services.decision import Standing, decide, is_answered, stands
from calls.services.lines import Reached, reach, version_in
from calls.services.new_calls import NewCall
from calls.services.orders import order_on_commit
from calls.states import REPORTED_KINDS, CallOutcome, CallState, EventKind
from clients.models import Handling, Line, Notice, Situation

NOTICES_SAID = 3


def receive_call(inbound: InboundCall) -> RoutingDecision:
    """Write a new call and decide what happens to it; three statements at most when the number comes as E.164, one
    more in a situation with a script of its own.

    The same `event_key` again gives the same call. On a closed line the call is over at once, and a call-back is
    owed. Raises LineUnknown.
    """
    reached = reach(inbound)
    if reached.known_call is not None:
        return _decision(Call.objects.get(pk=reached.known_call), reached.line)
    try:
        with transaction.atomic(savepoint=True) if connection.in_atomic_block else nullcontext():
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
    moment = min(inbound.occurred_at, clock.now())
    reached = reach(inbound, moment)
    if reached.known_call is not None:
        return _fail(reached.known_call, inbound)
    new = _begin_call(reached, inbound, _standing(reached, moment))
    new.happened(EventKind.FAILED, f"{inbound.event_key}:failed", inbound.occurred_at)
    try:
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            return new.write()
    except IntegrityError:
        written = Call.objects.filter(events__carrier_event_key=inbound.event_key).first()
        if written is None:
            raise
        return _fail(written.pk, inbound)


def _fail(call_id: int, inbound: InboundCall) -> Call:
    """A call that was written down after all, too late for its caller, failed as it arrived.

    Whoever has taken it since is let go. One in which somebody has spoken is left as it is.
    """
    with transaction.atomic():
        book = CallBook.open(call_id)
        if book.call.is_over or book.call.answered_at is not None:
            return book.call
        leg = agent_leg(book.call)
        book.fact(EventKind.FAILED, f"{inbound.event_key}:failed", inbound.occurred_at, sequence=1)
        call = book.settle()
        if leg is not None:
            order_on_commit(call, Order.HANG_UP_AGENT, leg)
        return call


def _decision(call: Call, line: Line) -> RoutingDecision:
    if call.outcome == CallOutcome.BLOCKED:
        return RoutingDecision(Decision.REJECT, call.public_id, line)
    if call.outcome == CallOutcome.MISSED and call.total_seconds == 0:
        return RoutingDecision(Decision.CLOSED, call.public_id, line, next_opening(line), _said_of(call))
    if call.is_over:
        return RoutingDecision(Decision.OVER, call.public_id, line)
    return RoutingDecision(Decision.QUEUE, call.public_id, line)


def _said_of(call: Call) -> tuple[str, ...]:
    """The public notices for which nobody answers, as far as they are in the language that is spoken."""
    if call.situation != Situation.NOTICE:
        return ()
    notices = Notice.objects.running(clock.now()).on_line(call.line).public()[:NOTICES_SAID]
    return tuple(notice.text for notice in notices if notice.language == call.line.language)


def check_open(line: Line) -> None:
    """Raise LineClosed while nobody answers the line, for its hours or a notice; at most one query."""
    now, notice_until = clock.now(), None
    if line.during_notice == Handling.CALL_BACK:
        notice_until = Notice.objects.running(now).on_line(line).aggregate(last=Max("ends_at"))["last"]
    standing = stands(line, now, notice_until=notice_until)
    if not is_answered(line, standing):
        raise LineClosed(standing.opens_at)


def next_opening(line: Line) -> datetime | None:
    """When a line that nobody answers is answered again; None for any other, and when nobody knows."""
    try:
        check_open(line)
    except LineClosed as closed:
        return closed.opens_at
    return None


def _write_call(reached: Reached, inbound: InboundCall) -> Call:
    standing = _standing(reached, clock.now())
    new = _begin_call(reached, inbound, standing)
    kind, at = _what_happens(new, standing, inbound)
    new.happened(kind, f"{inbound.event_key}:{kind}", at)
    return new.write()


def _standing(reached: Reached, moment: datetime) -> Standing:
    return stands(reached.line, moment, notice_until=reached.notice_until)


def _what_happens(new: NewCall, standing: Standing, inbound: InboundCall) -> tuple[EventKind, datetime]:
    """What comes of an arrival at once, and as of when."""
    kind = decide(new.call.line, new.call.caller, standing).kind
    if kind == EventKind.LINE_CLOSED:
        return kind, inbound.occurred_at
    return kind, new.now if kind == EventKind.BLOCKED else max(new.now, inbound.occurred_at)


def _begin_call(reached: Reached, inbound: InboundCall, standing: Standing) -> NewCall:
    line, caller = reached.line, reached.caller
    if caller is None and reached.number is not None:
        caller = add_caller(line, reached.number, inbound.caller_name)
    elif caller is None:
        caller = recognise(line, inbound.caller_number, inbound.caller_name)
    call = Call(
        client=line.client,
        line=line,
        script_version_id=version_in(standing.situation, line, reached.script_version),
        situation=standing.situation,
        has_notice=standing.has_notice,
        carrier=inbound.carrier,
        carrier_account=inbound.account,
        carrier_call=inbound.carrier_call,
        caller=caller,
        caller_number=reached.number or (str(caller.number) if caller else ""),
        caller_name=clean_name(inbound.caller_name) or (caller.kept.name if caller else ""),
        state=CallState.RINGING,
    )
    new = NewCall(call)
    new.happened(EventKind.ARRIVED, inbound.event_key, min(inbound.occurred_at, new.now))
    return new


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
