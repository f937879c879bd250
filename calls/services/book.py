"""Writing a call's ledger: append, fold again, store what follows."""

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.dispatch import Signal

from answering.accounts.models import Agent
from answering.lib import clock
from answering.lib.commit import after_commit
from answering.push.channels import agent_channel, agents_channel, call_channel, client_channel, desk_channel
from answering.push.hints import hint_on_commit, hints_on_commit
from calls import signals
from calls.ledger import PARTS, Folded, fold
from calls.models import Call, CallEvent
from calls.querysets import CallQuerySet
from calls.services.audio import audio_of
from calls.services.orders import order_changed_audio
from calls.services.routing import close_offers, offer_waiting_to, pass_on_vain_offers
from calls.services.timetable import next_offer, schedule
from calls.states import OCCUPIED_STATES, WAITING_STATES, CallOutcome, CallState, EventKind

CLAIM_LEASE = timedelta(seconds=10)
AUDIO_LEASE = timedelta(seconds=15)
TICK = timedelta(microseconds=1)
BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
# The commands of ours with which a generation of the agent's audio begins.
BEGINNINGS = (EventKind.CLAIMED, EventKind.AUDIO_RENEWED)


class CallBook:
    """A locked call with its events. Use inside a transaction; end with `settle`."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.now = clock.now()
        self.events = list(call.events.all())
        self._seen = ledger_values(call)
        self._was_waiting = call.state in WAITING_STATES
        self._was_over, self._was_closed = call.is_over, call.closed_at is not None
        self._audio_before, self._holder_before = audio_of(call), _holder(call)

    @classmethod
    def open(cls, call_id: int) -> "CallBook":
        """Lock the call; raises Call.DoesNotExist."""
        return cls(_locked(call_id).get())

    @classmethod
    def open_if_due(cls, call_id: int) -> "CallBook | None":
        """Lock the call if its timer has come and nobody else has locked it."""
        call = _locked(call_id, skip_locked=True).due(clock.now()).first()
        return None if call is None else cls(call)

    def command(
        self, kind: EventKind, *, agent: Agent | None = None, generation: int | None = None, key: str = ""
    ) -> None:
        """Append what one of us did or saw now; never before the last event, whatever the clock does."""
        by = agent.pk if agent else None
        self._append(kind, key or str(uuid.uuid4()), self._latest(), agent_id=by, generation=generation)

    def fact(
        self,
        kind: EventKind | str,
        key: str,
        occurred_at: datetime,
        *,
        sequence: int = 0,
        generation: int | None = None,
    ) -> bool:
        """Append what a carrier or page reports; a repeat of its key changes nothing and gives False.

        A carrier's clock is not ours, and may count whole seconds: what is reported now happened now at the latest,
        and what is said of a generation not before it began.
        """
        if any(event.carrier_event_key == key for event in self.events):
            return False
        moment = max(min(occurred_at, self._latest()), self._beginning_of(generation))
        self._append(kind, key, moment, sequence=sequence, generation=generation)
        return True

    def _beginning_of(self, generation: int | None) -> datetime:
        """Just after the command of ours that began it; for none, the beginning of all."""
        begun = (e.occurred_at + TICK for e in self.events if e.kind in BEGINNINGS and e.generation == generation)
        return next(begun, BEFORE_ALL) if generation is not None else BEFORE_ALL

    def _latest(self) -> datetime:
        """The moment of what happens now: after all that has happened."""
        return max([self.now, *(event.occurred_at + TICK for event in self.events)])

    def _append(self, kind: EventKind | str, key: str, occurred_at: datetime, **fields: int | None) -> None:
        event = CallEvent(
            call=self.call, kind=kind, carrier_event_key=key, occurred_at=occurred_at, received_at=self.now, **fields
        )
        event.save(force_insert=True)
        self.events.append(event)

    def settle(self) -> Call:
        """Fold all events, store state, seconds and the next timer; order and tell what follows from the change."""
        call = self.call
        if not call.disposition:
            call.closed_at = None  # only a disposition closes a call; without one it follows from the outcome
        apply_fold(call, fold(self.events))
        set_limits(call, self.now)
        if call.state not in WAITING_STATES:
            close_offers(call)
        schedule(call)
        if ledger_values(call) != self._seen:
            call.ledger_version += 1
            call.ledger_changed_at = self.now
            self._tell()
        call.save()
        order_changed_audio(call, self._audio_before)
        self._note_holder()
        return call

    def _note_holder(self) -> None:
        """An agent who lost the call is idle from now and gets what waits; one who won it loses other offers."""
        before, after = self._holder_before, _holder(self.call)
        if before == after:
            return
        if before is not None:
            Agent.objects.filter(pk=before).update(idle_since=self.now)
            after_commit(_offer_waiting_to, before)
        if after is not None:
            after_commit(pass_on_vain_offers, of_agent=after)

    def _tell(self) -> None:
        call = self.call
        tell_changed(call, of_queue=self._was_waiting or call.state in WAITING_STATES)
        if call.is_over and not self._was_over:
            _send_on_commit(signals.call_ended, call.pk)
        if call.closed_at is not None and not self._was_closed:
            _send_on_commit(signals.call_closed, call.pk)


def tell_new(call: Call) -> None:
    """Tell who watches that there is this call, once it is committed. Nobody can be watching the call itself yet."""
    _tell_changed(call, _channels(call)[1:], of_queue=call.state in WAITING_STATES)
    if call.is_over:
        _send_on_commit(signals.call_ended, call.pk)
        _send_on_commit(signals.call_closed, call.pk)


def tell_changed(call: Call, *, of_queue: bool) -> None:
    """Tell who watches the call, and the queue's watchers where it is or was in it."""
    _tell_changed(call, _channels(call), of_queue=of_queue)


def _tell_changed(call: Call, channels: Iterable[str], *, of_queue: bool) -> None:
    hints_on_commit(channels, "call", call=str(call.public_id))
    if of_queue:
        hint_on_commit(agents_channel(), "queue")
    _send_on_commit(signals.call_changed, call.pk)


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
    call.started_at, call.state_since = whole_second(folded.started), whole_second(folded.state_since)
    call.waiting_since = _moment_or_none(folded.waiting_since)
    call.answered_at, call.ended_at = _moment_or_none(folded.answered), _moment_or_none(folded.ended)
    if call.ended_at is not None:
        _apply_end(call, call.ended_at)


def _apply_end(call: Call, ended_at: datetime) -> None:
    if call.outcome != CallOutcome.ANSWERED:
        call.closed_at = call.closed_at or ended_at
    if call.closed_at is not None:
        call.state, call.closed_at = CallState.CLOSED, max(call.closed_at, ended_at)


def set_limits(call: Call, now: datetime) -> None:
    """Set what ends by itself: a waiting call has a next offer, a connecting one a deadline; no other has either."""
    if call.state not in WAITING_STATES:
        call.next_offer_at = None
    elif call.next_offer_at is None:
        call.next_offer_at = next_offer(call, now)
    if call.state != CallState.CONNECTING:
        call.claim_expires_at = None
    elif call.claim_expires_at is None:
        call.claim_expires_at = now + (AUDIO_LEASE if call.waiting_since is None else CLAIM_LEASE)


def whole_second(second: int) -> datetime:
    """The moment of an epoch second, in UTC."""
    return datetime.fromtimestamp(second, UTC)


def _moment_or_none(second: int | None) -> datetime | None:
    return None if second is None else whole_second(second)


def _holder(call: Call) -> int | None:
    """The agent whom this call keeps from taking another."""
    return call.agent_id if call.state in OCCUPIED_STATES else None


def _locked(call_id: int, *, skip_locked: bool = False) -> CallQuerySet:
    rows = Call.objects.select_for_update(of=("self",), skip_locked=skip_locked, no_key=True)
    return rows.select_related("line", "client").filter(pk=call_id)


def _offer_waiting_to(agent_id: int) -> None:
    offer_waiting_to(Agent.objects.get(pk=agent_id))


def _channels(call: Call) -> list[str]:
    channels = [call_channel(call.public_id), desk_channel(), client_channel(call.client_id)]
    return channels if call.agent_id is None else [*channels, agent_channel(call.agent_id)]


def _send_on_commit(signal: Signal, call_id: int) -> None:
    after_commit(signal.send_robust, sender=Call, call_id=call_id)
