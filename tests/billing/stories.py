"""Calls as billing meets them: closed, with a ledger of known seconds."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from answering.lib import clock
from calls.models import Call, CallEvent, Disposition
from calls.services.book import CallBook
from calls.states import EventKind
from tests.cast import House

LONG_AGO = timedelta(hours=2)


@dataclass(frozen=True)
class Step:
    """What happened so many seconds after the call arrived."""

    kind: EventKind
    at: int


ANSWERED = (
    Step(EventKind.QUEUED, 0),
    Step(EventKind.CLAIMED, 5),
    Step(EventKind.AGENT_JOINED, 7),
    Step(EventKind.CALLER_LEFT, 74),
)
HELD_AND_TRANSFERRED = (
    Step(EventKind.QUEUED, 0),
    Step(EventKind.CLAIMED, 5),
    Step(EventKind.AGENT_JOINED, 10),
    Step(EventKind.HELD, 40),
    Step(EventKind.RESUMED, 60),
    Step(EventKind.TRANSFER_STARTED, 70),
    Step(EventKind.TRANSFER_ENDED, 100),
    Step(EventKind.CALLER_LEFT, 110),
)
ABANDONED = (Step(EventKind.QUEUED, 0), Step(EventKind.CALLER_LEFT, 30))


@transaction.atomic
def make_call(
    house: House,
    steps: tuple[Step, ...] = ANSWERED,
    *,
    at: datetime | None = None,
    wrap_up: int | None = 20,
    disposition: Disposition = Disposition.MESSAGE,
) -> Call:
    """A call with these events; closed `wrap_up` seconds after its end, or still open with None."""
    began = (at or clock.now() - LONG_AGO).replace(microsecond=0)
    call = Call.objects.create(
        client=house.client, line=house.line, carrier="browser", started_at=began, state_since=began
    )
    add_event(call, house, Step(EventKind.ARRIVED, 0))
    for step in steps:
        add_event(call, house, step)
    book = CallBook.open(call.pk)
    call = book.settle()
    if wrap_up is not None and call.ended_at is not None:
        book = CallBook.open(call.pk)
        book.call.disposition = disposition
        book.call.closed_at = book.call.closed_at or call.ended_at + timedelta(seconds=wrap_up)
        call = book.settle()
    return Call.objects.get(pk=call.pk)


def add_event(call: Call, house: House, step: Step) -> None:
    """Write an event straight into the ledger; nothing is folded."""
    CallEvent.objects.create(
        call=call,
        kind=step.kind,
        agent=house.agent if step.kind == EventKind.CLAIMED else None,
        generation=1 if step.kind in (EventKind.CLAIMED, EventKind.AGENT_JOINED) else None,
        occurred_at=call.started_at + timedelta(seconds=step.at),
        carrier_event_key=str(uuid.uuid4()),
    )


@transaction.atomic
def report_late(call: Call, house: House, step: Step) -> Call:
    """A fact that comes after everything is over; the ledger is folded again."""
    add_event(call, house, step)
    return CallBook.open(call.pk).settle()
