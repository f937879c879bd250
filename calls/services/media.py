"""Signs of life and media descriptions of browser calls."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Least

from answering.lib import clock
from answering.push.channels import agent_channel, call_channel
from answering.push.hints import hint_on_commit
from calls.errors import WrongState
from calls.models import Call, CallLeg, MediaExchange, Party
from calls.models.browser import LEAVING_LIMIT
from calls.services.book import CallBook
from calls.states import AGENT_STATES, CallState, EventKind


def note_heartbeat(call: Call, *, party: Party, generation: int, packets_received: int) -> None:
    """Record that one side lives and how much audio of `generation` it has received so far.

    Once both sides hear the current generation the call talks. A report on an older
    generation that comes late changes nothing. Two queries while nothing changes. Raises
    WrongState for a generation that there is not yet.
    """
    if generation > call.generation:
        raise WrongState
    seen: dict[str, Any] = {"generation": generation, "packets_received": packets_received}
    seen |= {"heartbeat_at": clock.now(), "leaving_at": None}
    known = CallLeg.objects.filter(call=call, party=party)
    if not known.filter(generation__lte=generation).update(**seen):
        CallLeg.objects.get_or_create(call=call, party=party, defaults=seen)
    if call.state == CallState.CONNECTING and packets_received:
        _join_if_both_hear(call.pk)


def _join_if_both_hear(call_id: int) -> None:
    with transaction.atomic():
        book = CallBook.open(call_id)
        call, legs = book.call, list(book.call.legs.all())
        if call.state == CallState.CONNECTING and len(legs) == 2 and all(leg.hears(call.generation) for leg in legs):
            key = f"{call.public_id}:joined:{call.generation}"
            book.command(EventKind.AGENT_JOINED, key=key, generation=call.generation)
            book.settle()


def note_leaving(call: Call, *, party: Party) -> None:
    """A page is being closed or reloaded: unless it returns within 5 s its side is gone as of now.

    The call is looked at then at the latest; one statement each, which waits for whoever has locked the call.
    """
    now = clock.now()
    CallLeg.objects.filter(call=call, party=party).update(leaving_at=now)
    due = now + LEAVING_LIMIT
    Call.objects.live().filter(pk=call.pk).update(next_action_at=Coalesce(Least(F("next_action_at"), due), due))


def caller_hung_up(call: Call, *, key: str, ago: timedelta, reported_at: datetime | None = None) -> Call:
    """The caller hung up `ago` before this report came through (a dead server may have delayed it).

    It came at `reported_at`, or now; a database that hangs may have kept it waiting since, which nobody pays for.
    Not before the caller's last sign of life, not in the future. Once a call is over this changes nothing.
    """
    with transaction.atomic():
        book = CallBook.open(call.pk)
        leg = book.call.legs.filter(party=Party.CALLER).first()
        earliest = leg.heartbeat_at if leg else book.call.started_at
        occurred_at: datetime = min(max((reported_at or book.now) - ago, earliest), book.now)
        book.fact(EventKind.CALLER_LEFT, f"browser:{book.call.public_id}:{key}", occurred_at)
        return book.settle()


def offer_media(call: Call, *, generation: int, sdp: str) -> MediaExchange:
    """Store the agent's description for this generation; the first one stands. Raises WrongState if it is outdated."""
    with transaction.atomic():
        current = Call.objects.select_for_update(no_key=True).get(pk=call.pk)
        if current.state not in AGENT_STATES or current.generation != generation:
            raise WrongState
        exchange, _is_new = MediaExchange.objects.get_or_create(
            call=current, generation=generation, defaults={"offer_sdp": sdp}
        )
        hint_on_commit(call_channel(call.public_id), "media", call=str(call.public_id), generation=generation)
        return exchange


def answer_media(call: Call, *, generation: int, sdp: str) -> MediaExchange:
    """Store the caller's answer; the first one stands. Raises WrongState without an offer of this generation."""
    with transaction.atomic():
        current = Call.objects.select_for_update(no_key=True).get(pk=call.pk)
        exchange = MediaExchange.objects.filter(call=current, generation=generation).first()
        if exchange is None or current.state not in AGENT_STATES or current.generation != generation:
            raise WrongState
        if not exchange.answer_sdp:
            exchange.answer_sdp, exchange.answered_at = sdp, clock.now()
            exchange.save(update_fields=["answer_sdp", "answered_at"])
        if current.agent_id is not None:
            hint_on_commit(agent_channel(current.agent_id), "media", call=str(call.public_id), generation=generation)
        return exchange
