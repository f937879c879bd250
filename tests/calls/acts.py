"""What the people of a call do, in one line each."""

import uuid
from datetime import datetime

from answering.accounts.models import Agent
from answering.lib import clock
from calls.carriers.base import CallProgress, InboundCall
from calls.models import Call, Party
from calls.services import note_heartbeat, receive_call, record_progress
from calls.states import EventKind
from clients.models import Line


def hear(call: Call, *parties: Party, packets: int = 50) -> Call:
    """A heartbeat of these sides, of both if none is named, on the generation they are in."""
    call.refresh_from_db()
    for party in parties or (Party.CALLER, Party.AGENT):
        note_heartbeat(call, party=party, generation=call.generation, packets_received=packets)
    call.refresh_from_db()
    return call


def keep_consoles_alive(*agents: Agent) -> None:
    """A sign of life of these agents, of all if none is named."""
    chosen = Agent.objects.filter(pk__in=[agent.pk for agent in agents]) if agents else Agent.objects.all()
    chosen.update(heartbeat_at=clock.now())


def report(
    call: Call,
    kind: EventKind,
    at: datetime,
    *,
    key: str = "",
    sequence: int = 0,
    generation: int | None = None,
) -> Call:
    """What a carrier says about a call."""
    progress = CallProgress(
        call=call.public_id,
        kind=kind,
        event_key=key or f"test:{uuid.uuid4()}",
        occurred_at=at,
        sequence=sequence,
        generation=generation,
    )
    return record_progress(progress)


def dial(line: Line, *, carrier: str = "spy", number: str = "+37126123456", at: datetime | None = None) -> Call:
    """A call of another carrier than the browser: nobody's page sends heartbeats."""
    inbound = InboundCall(
        carrier=carrier,
        event_key=f"{carrier}:{uuid.uuid4()}:inbound",
        dialled=line.slug,
        occurred_at=at or clock.now(),
        caller_number=number,
    )
    return Call.objects.get(public_id=receive_call(inbound).call)


def seconds_of(call: Call) -> dict[str, int]:
    """The parts of the call that are not empty."""
    parts = ("ring", "queue", "connect", "talk", "hold", "transfer")
    found = {part: getattr(call, f"{part}_seconds") for part in parts}
    return {part: seconds for part, seconds in found.items() if seconds}


def kinds_of(call: Call) -> list[str]:
    """The kinds of the call's events, in order."""
    return list(call.events.in_ledger_order().values_list("kind", flat=True))
