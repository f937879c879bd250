"""How workers share what is due: a row is leased to one of them, who notes what comes of it while the lease holds."""

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F

from answering.lib import clock
from answering.outbox.models import RETRY_AFTER, Channel, Delivery, DeliveryQuerySet, DeliveryState
from answering.outbox.text import one_line

log = structlog.get_logger(__name__)
# Longer than a worker lives with one task (CELERY_TASK_TIME_LIMIT, a system check): while it holds, nobody else sends.
LEASE = timedelta(seconds=150)
SERVER_AWAY_PAUSE = timedelta(minutes=1)
BUSY_SECONDS = 60.0
ERROR_LIMIT = 500
ATTEMPTS = len(RETRY_AFTER) + 1


def take_one(channel: Channel) -> Delivery | None:
    """Lease the next due delivery and count the attempt first: a crash then costs a delay, not the message."""
    with transaction.atomic():
        now = clock.now()
        due = Delivery.objects.due(now).filter(channel=channel, attempts__lt=ATTEMPTS).order_by("next_attempt_at")
        delivery = due.select_for_update(skip_locked=True, of=("self",)).first()
        if delivery is not None:
            delivery.attempts += 1
            delivery.next_attempt_at = now + LEASE
            delivery.save(update_fields=["attempts", "next_attempt_at"])
        return delivery


def held_by_us(delivery: Delivery) -> DeliveryQuerySet:
    """The row while our lease on it stands: one who comes late must not undo what another has done since."""
    return Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.DUE, attempts=delivery.attempts)


def put_off(delivery: Delivery, reason: str, *, pause: timedelta = SERVER_AWAY_PAUSE) -> None:
    """Try again later. It has surely not reached anybody and is not its own fault: the attempt does not count."""
    held_by_us(delivery).update(
        attempts=F("attempts") - 1, next_attempt_at=clock.now() + pause, last_error=one_line(reason, ERROR_LIMIT)
    )


def note_failure(delivery: Delivery, reason: str, *, is_final: bool, error: Exception) -> None:
    """Try again later, each time later than before; give up when it is final or was the last attempt."""
    is_dead = delivery.attempts >= ATTEMPTS or is_final
    held_by_us(delivery).update(
        state=DeliveryState.DEAD if is_dead else DeliveryState.DUE,
        next_attempt_at=_next_attempt(delivery),
        last_error=one_line(reason, ERROR_LIMIT),
    )
    note = log.error if is_dead else log.warning
    note("outbox.not_sent", delivery=delivery.pk, attempt=delivery.attempts, dead=is_dead, error=type(error).__name__)


def _next_attempt(delivery: Delivery) -> datetime:
    return clock.now() + RETRY_AFTER[min(delivery.attempts, len(RETRY_AFTER)) - 1]


def bury_exhausted(channel: Channel) -> None:
    """Give up what killed its worker at every attempt, so that nobody was left to say so."""
    exhausted = Delivery.objects.due(clock.now()).filter(channel=channel, attempts__gte=ATTEMPTS)
    buried = exhausted.update(state=DeliveryState.DEAD, last_error="No worker has survived sending it.")
    if buried:
        log.error("outbox.given_up", deliveries=buried)
