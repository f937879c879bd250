"""What happens to calls when nobody does anything: run every second by `manage.py dispatch`."""

from datetime import datetime, timedelta

from django.db import transaction

from answering.accounts.models import AGENT_SILENCE_LIMIT, Agent
from answering.lib import clock
from answering.pulse.services import last_outage_end
from calls.models import Call, CallOffer, Disposition, OfferOutcome, Party
from calls.models.browser import SILENCE_LIMIT
from calls.services.book import CallBook, schedule
from calls.services.commands import close_in, lose_audio
from calls.services.routing import offer_next
from calls.states import AGENT_STATES, WAITING_STATES, CallState, EventKind

BATCH = 100
WATCHED_PARTS = ("web", "dispatcher")


def run_due_timers() -> int:
    """Serve every call whose timer has come, each in its own transaction; gives their number.

    Safe with several dispatchers side by side (SKIP LOCKED). For 15 s after an outage of
    our own nobody is given up: pages need that time to come back.
    """
    pass_over_silent_agents()
    resumed_at = last_outage_end(*WATCHED_PARTS)
    due = list(Call.objects.due(clock.now()).values_list("pk", flat=True)[:BATCH])
    return sum(_serve(call_id, resumed_at) for call_id in due)


def pass_over_silent_agents() -> int:
    """Withdraw offers from agents not heard for 15 s; their calls go on at once. One UPDATE while all are heard."""
    silent = Agent.objects.filter(pk__in=CallOffer.objects.open().values("agent")).silent_since(
        clock.now() - AGENT_SILENCE_LIMIT
    )
    offers = CallOffer.objects.open().filter(agent__in=silent)
    calls = list(offers.values_list("call_id", flat=True))
    if not calls:
        return 0
    with transaction.atomic():
        now = clock.now()
        offers.update(outcome=OfferOutcome.LOST, closed_at=now)
        return Call.objects.filter(pk__in=calls, state__in=WAITING_STATES).update(
            next_offer_at=now, next_action_at=now
        )


def _serve(call_id: int, resumed_at: datetime | None) -> bool:
    with transaction.atomic():
        if not Call.objects.select_for_update(skip_locked=True).due(clock.now()).filter(pk=call_id).exists():
            return False
        book = CallBook.open(call_id)
        _advance(book, resumed_at)
        return True


def _advance(book: CallBook, resumed_at: datetime | None) -> None:
    """Do the first thing that is due; what follows from it is due again in the next round."""
    patient_until = resumed_at + SILENCE_LIMIT if resumed_at else None
    is_patient = patient_until is not None and book.now < patient_until and not book.call.is_over
    steps = (_wrap_up_over,) if book.call.is_over else (_caller_gone, _agent_gone, _claim_expired, _waited_too_long)
    if not is_patient and any(step(book, resumed_at) for step in steps):
        return
    _offer_further(book)
    if is_patient:
        _wait_at_least(book.call, book.now + timedelta(seconds=1))


def _wait_at_least(call: Call, moment: datetime) -> None:
    if call.next_action_at is not None and call.next_action_at < moment:
        call.next_action_at = moment
        call.save(update_fields=["next_action_at"])


def _caller_gone(book: CallBook, resumed_at: datetime | None) -> bool:
    leg = book.call.legs.filter(party=Party.CALLER).first()
    if leg is None or leg.gone_from(resumed_at) > book.now:
        return False
    left_at = leg.leaving_at or leg.heartbeat_at
    book.fact(EventKind.CALLER_LEFT, f"{book.call.public_id}:caller-silent:{left_at.isoformat()}", left_at)
    book.settle()
    return True


def _agent_gone(book: CallBook, resumed_at: datetime | None) -> bool:
    if book.call.state not in AGENT_STATES:
        return False
    leg = book.call.legs.filter(party=Party.AGENT).first()
    if leg is None or leg.generation != book.call.generation or leg.gone_from(resumed_at) > book.now:
        return False
    lose_audio(book, Party.AGENT)
    book.settle()
    _back_to_queue(book)
    return True


def _claim_expired(book: CallBook, resumed_at: datetime | None) -> bool:
    expires = book.call.claim_expires_at
    if book.call.state != CallState.CONNECTING or expires is None or expires > book.now:
        return False
    _back_to_queue(book)
    return True


def _back_to_queue(book: CallBook) -> None:
    generation = book.call.generation
    book.command(EventKind.CLAIM_EXPIRED, generation=generation)
    book.call.next_offer_at = book.now + book.call.line.offer_interval
    offer_next(book.settle())


def _waited_too_long(book: CallBook, resumed_at: datetime | None) -> bool:
    call = book.call
    if call.state not in WAITING_STATES or call.waiting_since is None:
        return False
    if call.waiting_since + call.line.waiting_limit > book.now:
        return False
    book.command(EventKind.GAVE_UP)
    book.settle()
    return True


def _wrap_up_over(book: CallBook, resumed_at: datetime | None) -> bool:
    ends_at = book.call.wrap_up_ends_at
    if book.call.state != CallState.WRAP_UP or ends_at is None or ends_at > book.now:
        return False
    close_in(book, Disposition.NONE)
    return True


def _offer_further(book: CallBook) -> None:
    call = book.call
    if call.state in WAITING_STATES and call.next_offer_at is not None and call.next_offer_at <= book.now:
        offer_next(call)
    else:
        schedule(call)
        call.save(update_fields=["next_action_at"])
