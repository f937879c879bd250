"""Queue what must arrive; send what is due."""

import smtplib
from datetime import datetime

import structlog
from django.core.mail import EmailMessage, get_connection
from django.db import transaction

from answering.lib import clock
from answering.outbox.models import RETRY_AFTER, Delivery, DeliveryState

log = structlog.get_logger(__name__)
BATCH = 50
SUBJECT_LIMIT = 200


def queue_email(
    *, cause: str, recipient: str, subject: str, body: str, language: str, reply_to: str = ""
) -> Delivery:
    """Write the e-mail as a row in the caller's transaction. The same `cause` again gives the first row."""
    one_line = " ".join(subject.split())[:SUBJECT_LIMIT]
    delivery, _is_new = Delivery.objects.get_or_create(
        cause=cause,
        defaults={
            "recipient": recipient,
            "subject": one_line,
            "body": body,
            "language": language,
            "reply_to": reply_to,
        },
    )
    return delivery


def deliver_due() -> int:
    """Send what is due, one after another; gives the number sent. Several workers may run it at once."""
    sent = 0
    for _round in range(BATCH):
        delivery = _take_one()
        if delivery is None:
            break
        sent += _send(delivery)
    return sent


def _take_one() -> Delivery | None:
    """Take the next due delivery by setting its next attempt first: a crash from here on costs a delay, not the mail."""
    with transaction.atomic():
        now = clock.now()
        delivery = (
            Delivery.objects.select_for_update(skip_locked=True).due(now).order_by("next_attempt_at").first()
        )
        if delivery is not None:
            delivery.attempts += 1
            delivery.next_attempt_at = _next_attempt(delivery.attempts, now)
            delivery.save(update_fields=["attempts", "next_attempt_at"])
        return delivery


def _next_attempt(attempts: int, now: datetime) -> datetime:
    return now + RETRY_AFTER[min(attempts, len(RETRY_AFTER)) - 1]


def _send(delivery: Delivery) -> bool:
    message = EmailMessage(
        subject=delivery.subject,
        body=delivery.body,
        to=[delivery.recipient],
        reply_to=[delivery.reply_to] if delivery.reply_to else None,
        headers={"Message-ID": delivery.message_id, "Content-Language": delivery.language},
        connection=get_connection(),
    )
    try:
        message.send()
    except (smtplib.SMTPException, OSError) as error:
        _note_failure(delivery, error)
        return False
    Delivery.objects.filter(pk=delivery.pk).update(
        state=DeliveryState.SENT, sent_at=clock.now(), last_error=""
    )
    return True


def _note_failure(delivery: Delivery, error: Exception) -> None:
    is_dead = delivery.attempts > len(RETRY_AFTER) or _is_refused_for_good(error)
    Delivery.objects.filter(pk=delivery.pk).update(
        state=DeliveryState.DEAD if is_dead else DeliveryState.DUE, last_error=f"{type(error).__name__}: {error}"[:500]
    )
    log.warning("outbox.not_sent", delivery=delivery.pk, attempt=delivery.attempts, dead=is_dead)


def _is_refused_for_good(error: Exception) -> bool:
    """Every recipient refused with a 5xx reply (RFC 5321 §4.2.1)."""
    if not isinstance(error, smtplib.SMTPRecipientsRefused):
        return False
    return all(500 <= code < 600 for code, _text in error.recipients.values())
