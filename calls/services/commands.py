"""What the agent in a call can do with it; each is checked against the call's state."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from answering.accounts.models import Agent
from calls import signals
from calls.carriers.base import CallLegRef, Carrier
from calls.carriers.registry import carrier_named
from calls.errors import CallGone, NotYourCall, WrongState
from calls.models import Call, Caller, CallLeg, Disposition, Party
from calls.services.book import CallBook
from calls.services.claims import leg_of
from calls.services.inbound import NAME_LIMIT, recognise
from calls.services.routing import offer_waiting_to
from calls.states import CallState, EventKind

AUDIO_LEASE = timedelta(seconds=15)


def hold_call(call_id: int, *, agent: Agent) -> Call:
    """Let the caller hear music. Raises NotYourCall, CallGone, WrongState."""
    return _command(call_id, agent, EventKind.HELD, (CallState.TALKING,), order_of("hold"))


def resume_call(call_id: int, *, agent: Agent) -> Call:
    """Go on talking after a hold. Raises NotYourCall, CallGone, WrongState."""
    return _command(call_id, agent, EventKind.RESUMED, (CallState.HELD,), order_of("resume"))


def end_call(call_id: int, *, agent: Agent) -> Call:
    """End the caller's leg. Raises NotYourCall, CallGone, WrongState."""
    states = (CallState.CONNECTING, CallState.TALKING, CallState.HELD, CallState.TRANSFERRING)
    return _command(call_id, agent, EventKind.AGENT_ENDED, states, order_of("end"))


Order = Callable[[Carrier, CallLegRef], None]


def order_of(name: str) -> Order:
    """The carrier's method of that name, to be called once the carrier is known."""
    return lambda carrier, leg: getattr(carrier, name)(leg)


def _command(call_id: int, agent: Agent, kind: EventKind, states: tuple[CallState, ...], order: Order) -> Call:
    with transaction.atomic():
        book = CallBook.open(call_id)
        _check(book.call, agent, states)
        book.command(kind, agent=agent)
        call = book.settle()
        transaction.on_commit(partial(order, carrier_named(call.carrier), leg_of(call)), robust=True)
        return call


def _check(call: Call, agent: Agent, states: tuple[CallState, ...]) -> None:
    if call.agent_id != agent.pk:
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
        close_in(book, disposition)
    offer_waiting_to(agent)
    return call


def close_in(book: CallBook, disposition: Disposition) -> Call:
    """Close a call that is over, inside the book's transaction; its agent counts as idle from now."""
    book.call.disposition = disposition
    if book.call.closed_at is None:
        book.call.closed_at = book.now
        Agent.objects.filter(pk=book.call.agent_id).update(idle_since=book.now)
    return book.settle()


def renew_audio(call_id: int, *, party: Party, agent: Agent | None = None) -> Call:
    """One side's page was reloaded: new audio under a new generation, within 15 s.

    Talk ended at that side's last sign of life. Raises NotYourCall, CallGone, WrongState.
    """
    with transaction.atomic():
        book = CallBook.open(call_id)
        call = book.call
        if party == Party.AGENT and (agent is None or call.agent_id != agent.pk):
            raise NotYourCall
        if call.is_over:
            raise CallGone
        if call.state not in (CallState.CONNECTING, CallState.TALKING, CallState.HELD):
            raise WrongState
        lose_audio(book, party)
        book.command(EventKind.AUDIO_RENEWED, generation=call.generation + 1)
        call.claim_expires_at = book.now + AUDIO_LEASE
        call = book.settle()
        transaction.on_commit(partial(carrier_named(call.carrier).connect_agent, leg_of(call)), robust=True)
        return call


def lose_audio(book: CallBook, party: Party) -> datetime | None:
    """Record that one side's audio ended at its last sign of life; gives that moment."""
    leg = CallLeg.objects.filter(call=book.call, party=party).first()
    if leg is None:
        return None
    gone_at = min(leg.leaving_at or leg.heartbeat_at, book.now) if leg.leaving_at else leg.heartbeat_at
    key = f"{book.call.public_id}:lost:{party}:{book.call.generation}"
    book.fact(EventKind.AUDIO_LOST, key, gone_at, generation=book.call.generation)
    return gone_at


def identify_caller(call_id: int, *, name: str = "", number: str = "") -> Call:
    """Note who is calling, as said by the caller; a wrong number is kept as typed on the message, not here."""
    with transaction.atomic():
        book = CallBook.open(call_id)
        call = book.call
        caller = recognise(call.line, number, name)
        if caller is not None:
            call.caller, call.caller_number = caller, str(caller.number)
            _name_caller(caller, name)
        if name.strip():
            call.caller_name = name.strip()[:NAME_LIMIT]
        call.save(update_fields=["caller", "caller_number", "caller_name"])
        transaction.on_commit(
            partial(signals.caller_identified.send_robust, sender=Call, call_id=call.pk), robust=True
        )
        return call


def _name_caller(caller: Caller, name: str) -> None:
    if name.strip() and not caller.name:
        caller.name = name.strip()[:NAME_LIMIT]
        caller.save(update_fields=["name", "search_key"])
