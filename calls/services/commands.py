"""What the agent in a call can do with it; each is checked against the call's state."""

from datetime import datetime

from django.db import transaction

from answering.accounts.models import Agent
from answering.lib.clock import epoch_second
from calls.carriers.base import Capability
from calls.errors import CallGone, NotYourCall, WrongState
from calls.models import Call, CallLeg, Disposition, Order, Party
from calls.services.book import AUDIO_LEASE, CallBook, whole_second
from calls.services.orders import order_on_commit, require
from calls.states import AGENT_STATES, CallState, EventKind


def hold_call(call_id: int, *, agent: Agent) -> Call:
    """Let the caller hear music. Raises NotYourCall, CallGone, WrongState, NotSupported."""
    return _command(call_id, agent, EventKind.HELD, (CallState.TALKING,), Capability.HOLD)


def resume_call(call_id: int, *, agent: Agent) -> Call:
    """Go on talking after a hold. Raises NotYourCall, CallGone, WrongState, NotSupported."""
    return _command(call_id, agent, EventKind.RESUMED, (CallState.HELD,), Capability.HOLD)


def end_call(call_id: int, *, agent: Agent) -> Call:
    """End the caller's leg. Raises NotYourCall, CallGone, WrongState.

    Before anybody has spoken with the caller the call has failed, and a call-back is owed.
    """
    return _command(call_id, agent, EventKind.AGENT_ENDED, AGENT_STATES, order=Order.END)


def _command(
    call_id: int,
    agent: Agent,
    kind: EventKind,
    states: tuple[CallState, ...],
    capability: Capability | None = None,
    order: Order | None = None,
) -> Call:
    with transaction.atomic():
        book = CallBook.open(call_id)
        _check(book.call, agent, states)
        if capability is not None:
            require(book.call, capability)
        book.command(kind, agent=agent)
        call = book.settle()
        if order is not None:
            order_on_commit(call, order)
        return call


def _check(call: Call, agent: Agent | None, states: tuple[CallState, ...]) -> None:
    if agent is not None and call.agent_id != agent.pk:
        raise NotYourCall
    if call.is_over:
        raise CallGone
    if call.state not in states:
        raise WrongState


def close_call(call_id: int, *, agent: Agent, disposition: Disposition) -> Call:
    """Give an ended call its result code; the agent is free for the next.

    A result given after the wrap-up limit corrects "no result given". Raises NotYourCall, WrongState.
    """
    with transaction.atomic():
        book = CallBook.open(call_id)
        call = book.call
        if call.agent_id != agent.pk:
            raise NotYourCall
        if not call.is_over or (call.closed_at is not None and call.disposition != Disposition.NONE):
            raise WrongState
        return close_in(book, disposition)


def close_in(book: CallBook, disposition: Disposition, *, at: datetime | None = None) -> Call:
    """Close a call that is over, inside the book's transaction, as of now or of an earlier moment."""
    book.call.disposition = disposition
    if book.call.closed_at is None:
        book.call.closed_at = whole_second(epoch_second(at or book.now))
    return book.settle()


def renew_audio(call_id: int, *, party: Party, agent: Agent | None = None) -> Call:
    """One side's page was reloaded: new audio under a new generation, within 15 s.

    Talk ended at that side's last sign of life; this is a new one. Raises NotYourCall, CallGone, WrongState.
    """
    if party == Party.AGENT and agent is None:
        raise NotYourCall
    with transaction.atomic():
        book = CallBook.open(call_id)
        _check(book.call, agent, (CallState.CONNECTING, CallState.TALKING, CallState.HELD))
        lose_audio(book, party)
        book.call.legs.filter(party=party).update(heartbeat_at=book.now, leaving_at=None)
        book.command(EventKind.AUDIO_RENEWED, generation=book.call.generation + 1)
        book.call.claim_expires_at = book.now + AUDIO_LEASE
        return book.settle()


def lose_audio(book: CallBook, party: Party) -> None:
    """Record that one side's audio ended at its last sign of life. Nothing while there is none yet."""
    call = book.call
    leg = call.legs.filter(party=party).first()
    if leg is None or call.state not in (CallState.TALKING, CallState.HELD):
        return
    book.fact(
        EventKind.AUDIO_LOST,
        f"{call.public_id}:lost:{party}:{call.generation}",
        last_sign_of_life(book, leg),
        generation=call.generation,
    )


def last_sign_of_life(book: CallBook, leg: CallLeg) -> datetime:
    """When this side was certainly there.

    Its last heartbeat or its goodbye, the moment when both heard each other, an agent's last command.
    """
    agent_id = book.call.agent_id if leg.party == Party.AGENT else None
    proofs = (
        event.occurred_at
        for event in book.events
        if event.kind == EventKind.AGENT_JOINED or (agent_id is not None and event.agent_id == agent_id)
    )
    return max([leg.leaving_at or leg.heartbeat_at, *proofs])
