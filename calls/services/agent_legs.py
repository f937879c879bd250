"""The agent's audio did not come, or is lost: the call goes back to those who wait."""

from django.db import transaction

from answering.lib import clock
from calls.models import Call
from calls.services.book import CallBook
from calls.services.routing import offer_next
from calls.states import CallState, EventKind


def back_to_queue(book: CallBook) -> Call:
    """Take the call from its agent and offer it on, inside the book's transaction."""
    book.command(EventKind.CLAIM_EXPIRED, generation=book.call.generation)
    call = book.settle()
    offer_next(call)
    return call


def agent_leg_failed(call_id: int, *, generation: int, key: str) -> Call:
    """The network could not bring the agent's audio of this generation: nobody waits for the claim to expire.

    Of an older generation, or once the call talks, it is only noted. The same key again changes nothing.
    """
    with transaction.atomic():
        book = CallBook.open(call_id)
        if not book.fact(EventKind.AGENT_FAILED, key, clock.now(), generation=generation):
            return book.call
        is_current = book.call.state == CallState.CONNECTING and book.call.generation == generation
        return back_to_queue(book) if is_current else book.settle()
