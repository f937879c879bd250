"""What happens to calls when nobody does anything: run every second by `manage.py dispatch`."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, transaction

from answering.lib import clock
from answering.pulse.services import last_outage_end
from calls.models import Call, Disposition, Order, Party
from calls.models.browser import SILENCE_LIMIT
from calls.services.agent_legs import back_to_queue
from calls.services.book import CallBook
from calls.services.commands import close_in, last_sign_of_life, lose_audio
from calls.services.orders import order_on_commit
from calls.services.routing import offer_next, pass_on_vain_offers
from calls.services.timetable import is_watched, schedule
from calls.states import WAITING_STATES, CallState, EventKind

log = structlog.get_logger(__name__)

BATCH = 100
WATCHED_PARTS = ("web", "dispatcher")
# No call is served twice within this time, so that one that stays due does not keep others waiting.
BREATH = timedelta(milliseconds=500)
AFTER_A_FAULT = timedelta(seconds=30)


def run_due_timers() -> int:
    """Serve every call whose timer has come, each in its own transaction; gives their number.

    Safe with several dispatchers side by side (SKIP LOCKED). For 15 s after an outage of
    our own nobody is given up: pages need that time to come back. At most BATCH calls, those
    first that have waited longest.
    """
    resumed_at = last_outage_end(*WATCHED_PARTS)
    pass_on_vain_offers(forgive_silence=_is_patient(resumed_at, clock.now()))
    due = list(Call.objects.due(clock.now()).values_list("pk", flat=True)[:BATCH])
    return sum(_serve(call_id, resumed_at) for call_id in due)


def _is_patient(resumed_at: datetime | None, now: datetime) -> bool:
    return resumed_at is not None and now < resumed_at + SILENCE_LIMIT


def _serve(call_id: int, resumed_at: datetime | None) -> bool:
    """Serve one call. A fault of ours in one call is logged and does not keep the others from theirs."""
    try:
        with transaction.atomic():
            book = CallBook.open_if_due(call_id)
            if book is None:
                return False
            _advance(book, resumed_at)
            _wait_until(book.call, book.now + BREATH)
            return True
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("dispatch.call_failed", call=call_id)
        Call.objects.filter(pk=call_id).update(next_action_at=clock.now() + AFTER_A_FAULT)
        return True


def _wait_until(call: Call, moment: datetime) -> None:
    if call.next_action_at is not None and call.next_action_at < moment:
        call.next_action_at = moment
        call.save(update_fields=["next_action_at"])


Step = Callable[[CallBook, datetime | None], bool]


def _advance(book: CallBook, resumed_at: datetime | None) -> None:
    """Do the first thing that is due; what follows from it is due again in a later round."""
    if book.call.is_over:
        steps: tuple[Step, ...] = (_wrap_up_over,)
    elif _is_patient(resumed_at, book.now):
        steps = ()
    else:
        steps = (_caller_gone, _agent_gone, _claim_expired, _waited_too_long)
    if not any(step(book, resumed_at) for step in steps):
        _offer_further(book)


def _caller_gone(book: CallBook, resumed_at: datetime | None) -> bool:
    leg = book.call.legs.filter(party=Party.CALLER).first()
    if leg is None or leg.gone_from(resumed_at) > book.now:
        return False
    left_at = last_sign_of_life(book, leg)
    book.fact(EventKind.CALLER_LEFT, f"{book.call.public_id}:caller-silent:{left_at.isoformat()}", left_at)
    book.settle()
    return True


def _agent_gone(book: CallBook, resumed_at: datetime | None) -> bool:
    leg = book.call.legs.filter(party=Party.AGENT).first()
    if leg is None or not is_watched(leg, book.call) or leg.gone_from(resumed_at) > book.now:
        return False
    lose_audio(book, Party.AGENT)
    back_to_queue(book)
    return True


def _claim_expired(book: CallBook, resumed_at: datetime | None) -> bool:
    expires = book.call.claim_expires_at
    if expires is None or expires > book.now:
        return False
    back_to_queue(book)
    return True


def _waited_too_long(book: CallBook, resumed_at: datetime | None) -> bool:
    call = book.call
    if call.state not in WAITING_STATES or call.waiting_since is None:
        return False
    if call.waiting_since + call.line.waiting_limit > book.now:
        return False
    book.command(EventKind.GAVE_UP)
    order_on_commit(book.settle(), Order.APOLOGISE)
    return True


def _wrap_up_over(book: CallBook, resumed_at: datetime | None) -> bool:
    """Closed as of the limit, also when nobody was there to notice it."""
    ends_at = book.call.wrap_up_ends_at
    if book.call.state != CallState.WRAP_UP or ends_at is None or ends_at > book.now:
        return False
    close_in(book, Disposition.NONE, at=ends_at)
    return True


def _offer_further(book: CallBook) -> None:
    call = book.call
    if call.state in WAITING_STATES and call.next_offer_at is not None and call.next_offer_at <= book.now:
        offer_next(call)
    else:
        schedule(call)
        call.save(update_fields=["next_action_at"])
