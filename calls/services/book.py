"""Writing a call's ledger: append, fold again, store what follows."""

import uuid
from datetime import UTC, datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q

from answering.accounts.models import Agent
from answering.lib import clock
from answering.push.channels import agent_channel, agents_channel, call_channel, client_channel, desk_channel
from answering.push.hints import hint_on_commit
from calls import signals
from calls.ledger import PARTS, Folded, fold
from calls.models import Call, CallEvent, CallOffer, OfferOutcome, Party
from calls.states import AGENT_STATES, WAITING_STATES, CallOutcome, CallState, EventKind

CLAIM_LEASE = timedelta(seconds=10)
TICK = timedelta(microseconds=1)


class CallBook:
    """A locked call with its events. Use inside a transaction; end with `settle`."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.now = clock.now()
        self._seen = ledger_values(call)
        self._was_waiting = call.state in WAITING_STATES
        self.events = list(call.events.all())

    @classmethod
    def open(cls, call_id: int) -> "CallBook":
        """Lock the call; raises Call.DoesNotExist."""
        return cls(Call.objects.select_for_update(of=("self",)).select_related("line", "client").get(pk=call_id))

    def command(self, kind: EventKind, *, agent: Agent | None = None, generation: int | None = None) -> None:
        """Append what one of us did now; never before the last event, whatever the clock does."""
        last = max((event.occurred_at for event in self.events), default=self.now)
        moment = max(self.now, last + TICK) if self.events else self.now
        self._append(kind, str(uuid.uuid4()), moment, agent_id=agent.pk if agent else None, generation=generation)

    def fact(
        self, kind: EventKind | str, key: str, occurred_at: datetime, *, sequence: int = 0, generation: int | None = None
    ) -> None:
        """Append what a carrier or page reports; a repeat of its key changes nothing."""
        if all(event.carrier_event_key != key for event in self.events):
            self._append(kind, key, occurred_at, sequence=sequence, generation=generation)

    def _append(self, kind: EventKind | str, key: str, occurred_at: datetime, **fields: int | None) -> None:
        event = CallEvent(
            call=self.call, kind=kind, carrier_event_key=key, occurred_at=occurred_at, received_at=self.now, **fields
        )
        event.save(force_insert=True)
        self.events.append(event)

    def settle(self) -> Call:
        """Fold all events, store state, seconds and the next timer, tell who watches."""
        call = self.call
        was_over, was_closed = call.is_over, call.closed_at is not None
        apply_fold(call, fold(self.events))
        if call.state == CallState.CONNECTING and call.claim_expires_at is None:
            call.claim_expires_at = self.now + CLAIM_LEASE
        if call.state not in WAITING_STATES:
            _close_offers(call, self.now)
        schedule(call)
        if ledger_values(call) != self._seen:
            call.ledger_version += 1
            call.ledger_changed_at = self.now
        call.save()
        if self._was_waiting or call.state in WAITING_STATES:
            hint_on_commit(agents_channel(), "queue")
        _announce(call, was_over=was_over, was_closed=was_closed)
        return call


LEDGER_FIELDS = (
    "state",
    "outcome",
    "disposition",
    "agent_id",
    "generation",
    "started_at",
    "answered_at",
    "ended_at",
    "closed_at",
    *(f"{part}_seconds" for part in PARTS),
)


def ledger_values(call: Call) -> tuple[object, ...]:
    """What the ledger says of a call; when it changes, so does `ledger_version`."""
    return tuple(getattr(call, name) for name in LEDGER_FIELDS)


def apply_fold(call: Call, folded: Folded) -> None:
    """Set a call's columns to what its events say; a given `closed_at` stands. Saves nothing."""
    for part, seconds in folded.seconds().items():
        setattr(call, f"{part}_seconds", seconds)
    call.state, call.outcome = folded.state, folded.outcome
    call.generation, call.agent_id = folded.generation, folded.agent_id
    call.started_at, call.state_since = _moment(folded.started), _moment(folded.state_since)
    call.waiting_since = _moment_or_none(folded.waiting_since)
    call.answered_at, call.ended_at = _moment_or_none(folded.answered), _moment_or_none(folded.ended)
    if call.state != CallState.CONNECTING:
        call.claim_expires_at = None
    if call.ended_at is not None:
        _apply_end(call, call.ended_at)


def _apply_end(call: Call, ended_at: datetime) -> None:
    call.next_offer_at = None
    if call.outcome != CallOutcome.ANSWERED:
        call.closed_at = call.closed_at or ended_at
    if call.closed_at is not None:
        call.state, call.closed_at = CallState.CLOSED, max(call.closed_at, ended_at)


def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def _moment_or_none(second: int | None) -> datetime | None:
    return None if second is None else _moment(second)


def _close_offers(call: Call, now: datetime) -> None:
    """Once nobody can claim the call any more, its open offers end and their agents are told."""
    offers = list(call.offers.open())
    for offer in offers:
        if offer.agent_id == call.agent_id:
            offer.outcome = OfferOutcome.CLAIMED
        else:
            offer.outcome = OfferOutcome.TAKEN_BY_OTHER if call.agent_id else OfferOutcome.WITHDRAWN
            hint_on_commit(agent_channel(offer.agent_id), "queue")
        offer.closed_at = now
    if offers:
        CallOffer.objects.bulk_update(offers, ["outcome", "closed_at"])


def schedule(call: Call) -> None:
    """Set when the call next needs attention without anybody's doing; None when never."""
    moments = [call.next_offer_at, call.claim_expires_at, *_state_deadlines(call)]
    if not call.is_over:
        legs = call.legs.filter(Q(party=Party.CALLER) | Q(party=Party.AGENT, call__state__in=AGENT_STATES))
        moments += [leg.gone_from(None) for leg in legs]
    call.next_action_at = min((moment for moment in moments if moment is not None), default=None)


def _state_deadlines(call: Call) -> list[datetime | None]:
    if call.state in WAITING_STATES and call.waiting_since is not None:
        return [call.waiting_since + call.line.waiting_limit]
    if call.state == CallState.WRAP_UP:
        return [call.wrap_up_ends_at]
    return []


def _announce(call: Call, *, was_over: bool, was_closed: bool) -> None:
    hint_on_commit(call_channel(call.public_id), "call", call=str(call.public_id))
    hint_on_commit(desk_channel(), "call", call=str(call.public_id))
    hint_on_commit(client_channel(call.client_id), "call", call=str(call.public_id))
    if call.agent_id is not None:
        hint_on_commit(agent_channel(call.agent_id), "call", call=str(call.public_id))
    _send_on_commit(signals.call_changed, call.pk)
    if call.is_over and not was_over:
        _send_on_commit(signals.call_ended, call.pk)
    if call.closed_at is not None and not was_closed:
        _send_on_commit(signals.call_closed, call.pk)


def _send_on_commit(signal: signals.Signal, call_id: int) -> None:
    transaction.on_commit(partial(signal.send_robust, sender=Call, call_id=call_id), robust=True)
