"""Queue what must arrive; send what is due."""

import smtplib
import time
from contextlib import closing
from datetime import timedelta
from email.errors import MessageError

import structlog
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F

from answering.lib import clock
from answering.outbox.models import RETRY_AFTER, Delivery, DeliveryQuerySet, DeliveryState
from answering.outbox.text import one_line, plain_text

log = structlog.get_logger(__name__)
# Longer than a worker lives with one task (CELERY_TASK_TIME_LIMIT, a system check): while it holds, nobody else sends.
LEASE = timedelta(seconds=150)
SERVER_AWAY_PAUSE = timedelta(minutes=1)
BUSY_SECONDS = 60.0
SUBJECT_LIMIT = 200
ADDRESS_LIMIT = 254
ERROR_LIMIT = 500
ATTEMPTS = len(RETRY_AFTER) + 1


def queue_email(*, cause: str, recipient: str, subject: str, body: str, language: str, reply_to: str = "") -> Delivery:
    """Write the e-mail as a row in the caller's transaction. The same `cause` again gives the first row.

    Control signs and line breaks in the wrong place are taken out, a long subject is cut: nothing a caller
    says can keep the letter from being written.
    """
    delivery, _is_new = Delivery.objects.get_or_create(
        cause=cause,
        defaults={
            "recipient": one_line(recipient, ADDRESS_LIMIT),
            "subject": one_line(subject, SUBJECT_LIMIT),
            "body": plain_text(body),
            "language": language,
            "reply_to": one_line(reply_to, ADDRESS_LIMIT),
        },
    )
    return delivery


def deliver_due() -> int:
    """Send what is due, one after another over one connection; gives the number sent.

    Several workers may run it at once: a row is leased to one of them, and no transaction is open while SMTP
    is spoken. Ends when nothing is due, after a minute, or when the mail server cannot be reached.
    """
    _bury_exhausted()
    sent, ends = 0, time.monotonic() + BUSY_SECONDS
    with closing(get_connection()) as mail:
        while time.monotonic() < ends and (delivery := _take_one()) is not None:
            if not _reach(mail, delivery):
                break
            sent += _send(mail, delivery)
    return sent


def try_again(deliveries: DeliveryQuerySet) -> int:
    """Make dead deliveries due at once, with all their attempts before them; gives their number."""
    return deliveries.filter(state=DeliveryState.DEAD).update(
        state=DeliveryState.DUE, attempts=0, next_attempt_at=clock.now()
    )


def _take_one() -> Delivery | None:
    """Lease the next due delivery and count the attempt first: a crash then costs a delay, not the mail."""
    with transaction.atomic():
        now = clock.now()
        due = Delivery.objects.due(now).filter(attempts__lt=ATTEMPTS).order_by("next_attempt_at")
        delivery = due.select_for_update(skip_locked=True).first()
        if delivery is not None:
            delivery.attempts += 1
            delivery.next_attempt_at = now + LEASE
            delivery.save(update_fields=["attempts", "next_attempt_at"])
        return delivery


def _reach(mail: BaseEmailBackend, delivery: Delivery) -> bool:
    """Connect unless connected. A server that is away is not the letter's fault: the attempt does not count."""
    try:
        mail.open()
    except (smtplib.SMTPException, OSError) as error:
        _held_by_us(delivery).update(
            attempts=F("attempts") - 1,
            next_attempt_at=clock.now() + SERVER_AWAY_PAUSE,
            last_error=_described(error),
        )
        log.warning("outbox.server_away", error=_described(error))
        return False
    return True


def _send(mail: BaseEmailBackend, delivery: Delivery) -> bool:
    try:
        if not mail.send_messages([_message(delivery)]):
            raise ValueError("There is no address to send it to.")
    except (smtplib.SMTPException, OSError, ValueError, MessageError) as error:
        _note_failure(delivery, error)
        mail.close()  # in whatever state it is; the next delivery opens a new one
        return False
    Delivery.objects.filter(pk=delivery.pk).exclude(state=DeliveryState.SENT).update(
        state=DeliveryState.SENT, sent_at=clock.now(), last_error=""
    )
    return True


def _message(delivery: Delivery) -> EmailMessage:
    return EmailMessage(
        subject=delivery.subject,
        body=delivery.body,
        to=[delivery.recipient],
        reply_to=[delivery.reply_to] if delivery.reply_to else None,
        headers={
            "Message-ID": delivery.message_id,
            "Content-Language": delivery.language,
            "Auto-Submitted": "auto-generated",  # RFC 3834: no holiday notes in reply
        },
    )


def _note_failure(delivery: Delivery, error: Exception) -> None:
    is_dead = delivery.attempts >= ATTEMPTS or _is_refused_for_good(error)
    wait = RETRY_AFTER[min(delivery.attempts, len(RETRY_AFTER)) - 1]
    _held_by_us(delivery).update(
        state=DeliveryState.DEAD if is_dead else DeliveryState.DUE,
        next_attempt_at=clock.now() + wait,
        last_error=_described(error),
    )
    note = log.error if is_dead else log.warning
    note("outbox.not_sent", delivery=delivery.pk, attempt=delivery.attempts, dead=is_dead, error=type(error).__name__)


def _held_by_us(delivery: Delivery) -> DeliveryQuerySet:
    """The row while our lease on it stands: one who comes late must not undo what another has done since."""
    return Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.DUE, attempts=delivery.attempts)


def _bury_exhausted() -> None:
    """Give up what killed its worker at every attempt, so that nobody was left to say so."""
    exhausted = Delivery.objects.due(clock.now()).filter(attempts__gte=ATTEMPTS)
    buried = exhausted.update(state=DeliveryState.DEAD, last_error="No worker has survived sending it.")
    if buried:
        log.error("outbox.given_up", deliveries=buried)


def _described(error: Exception) -> str:
    return one_line(f"{type(error).__name__}: {error}", ERROR_LIMIT)


def _is_refused_for_good(error: Exception) -> bool:
    """A 5xx reply to recipient or content (RFC 5321 §4.2.1), or a letter of which no message can be made.

    A 5xx reply to the greeting or to our own address speaks of the configuration, which can be put right.
    """
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _text in error.recipients.values())
    if isinstance(error, smtplib.SMTPDataError):
        return error.smtp_code >= 500
    return isinstance(error, (ValueError, MessageError))
