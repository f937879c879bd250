"""A new call written in one statement: the call, its first events, and its offer to the best agent.

A caller waits meanwhile; and where a carrier's network brings a hundred calls a second, each statement counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from answering.lib import clock
from answering.push.channels import agent_channel
from answering.push.hints import hint_on_commit
from calls.ledger import fold
from calls.models import Call
from calls.services.book import apply_fold, set_limits, tell_new
from calls.services.prepared import execute_prepared
from calls.services.routing import best_for_new_call
from calls.services.timetable import schedule
from calls.states import EventKind

EVENT_FIELDS = ("kind", "occurred_at", "received_at", "sequence", "carrier_event_key")


@dataclass(frozen=True, slots=True)
class FirstEvent:
    """An event of a call that is not written yet, as `fold` wants it."""

    kind: EventKind
    carrier_event_key: str
    occurred_at: datetime
    received_at: datetime
    sequence: int
    id: int = 0
    generation: int | None = None
    agent_id: int | None = None


class NewCall:
    """A call that is not written yet. Say what has happened so far, then `write`."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.now = clock.now()
        self._events: list[FirstEvent] = []

    def happened(self, kind: EventKind, key: str, at: datetime) -> None:
        """Append an event; those of one moment stay in the order in which they are told."""
        self._events.append(FirstEvent(kind, key, at, self.now, sequence=len(self._events)))

    def write(self) -> Call:
        """Store the call as its events say, and offer it if it waits. IntegrityError if it has been written before."""
        call = self.call
        apply_fold(call, fold(self._events))
        set_limits(call, self.now)
        schedule(call)
        call.ledger_version, call.ledger_changed_at = 1, self.now
        agent_id = self._insert()
        call._state.adding, call._state.db = False, "default"
        tell_new(call)
        if agent_id is not None:
            hint_on_commit(agent_channel(agent_id), "offer", call=str(call.public_id))
        return call

    def _insert(self) -> int | None:
        """Gives the agent to whom the call was offered; None when it does not wait, or nobody is free."""
        call = self.call
        best, of_best = best_for_new_call(call) if not call.is_over else ("SELECT NULL::bigint WHERE FALSE", [])
        values: list[object] = [getattr(call, name) for name in _call_columns()]
        for event in self._events:
            values += [getattr(event, name) for name in EVENT_FIELDS]
        ((call.pk, agent_id),) = execute_prepared(_statement(len(self._events), best), [*values, *of_best, self.now])
        return None if agent_id is None else int(agent_id)


@cache
def _call_columns() -> Sequence[str]:
    return [field.attname for field in Call._meta.concrete_fields if not field.primary_key]


@cache
def _statement(events: int, best: str) -> str:
    """The values of the call, of each event, of the search for the best agent, and the moment of the offer."""
    columns = _call_columns()
    event = "(%s::text, %s::timestamptz, %s::timestamptz, %s::int, %s::text)"
    return f"""
        WITH new_call AS (
            INSERT INTO calls_call ({", ".join(columns)}) VALUES ({", ".join(["%s"] * len(columns))}) RETURNING id
        ), first_events AS (
            INSERT INTO calls_callevent (call_id, {", ".join(EVENT_FIELDS)})
            SELECT new_call.id, event.* FROM new_call, (VALUES {", ".join([event] * events)}) event
        ), best AS MATERIALIZED ({best}),
        offer AS (
            INSERT INTO calls_calloffer (call_id, agent_id, offered_at, outcome)
            SELECT new_call.id, best.*, %s::timestamptz, 'open' FROM new_call, best RETURNING agent_id
        )
        SELECT new_call.id, (SELECT agent_id FROM offer) FROM new_call
    """  # noqa: S608 - names of our own columns
