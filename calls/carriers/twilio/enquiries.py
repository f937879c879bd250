"""Asking Twilio about callers of whom nothing has been heard: its word that a call is over may be lost."""

from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import F, Q

from answering.lib import clock
from answering.twilio.accounts import account_by_sid
from answering.twilio.errors import NotFound, TwilioError
from answering.twilio.rest import Api
from calls.carriers.base import CallProgress
from calls.carriers.twilio.facts import OVER_STATUSES, end_of_second
from calls.models import Call
from calls.services import record_progress
from calls.states import EventKind

log = structlog.get_logger(__name__)

ASK_AFTER = timedelta(seconds=60)
BATCH = 100


def ask_about_callers() -> int:
    """Ask about each live call that has gone a minute without a question; gives the number asked about.

    One request each, outside of transactions. Several workers may do it at once.
    """
    asked = 0
    while asked < BATCH and (call := _next()) is not None:
        _ask(call)
        asked += 1
    return asked


def _next() -> Call | None:
    with transaction.atomic():
        limit = clock.now() - ASK_AFTER
        is_due = Q(carrier_asked_at=None, started_at__lt=limit) | Q(carrier_asked_at__lt=limit)
        live = (
            Call.objects.live()
            .filter(is_due, carrier="twilio")
            .order_by(F("carrier_asked_at").asc(nulls_first=True), "started_at")
        )
        call = live.select_for_update(skip_locked=True, no_key=True).first()
        if call is not None:
            call.carrier_asked_at = clock.now()
            call.save(update_fields=["carrier_asked_at"])
        return call


def _ask(call: Call) -> None:
    account = account_by_sid(call.carrier_account)
    if account is None:
        return
    now = clock.now()
    try:
        facts = Api(account).fetch_call(call.carrier_call)
        status, ended_at = facts.status, end_of_second(facts.ended_at) if facts.ended_at else now
    except NotFound:
        status, ended_at = "unknown", now
    except TwilioError as error:
        log.warning("twilio.not_asked", call=call.pk, error=str(error)[:200])
        return
    if status in OVER_STATUSES or status == "unknown":
        log.warning("twilio.end_was_lost", call=call.pk, status=status)
        key = f"{call.carrier_call}:asked:{status}"
        record_progress(CallProgress(call.public_id, EventKind.CALLER_LEFT, key, ended_at))
