"""Queue what must arrive; send the e-mails that are due. The SMS are in `sms`."""

import smtplib
import time
from contextlib import closing
from email.errors import MessageError

import structlog
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from answering.lib import clock
from answering.outbox.leases import (
    ATTEMPTS,
    BUSY_SECONDS,
    ERROR_LIMIT,
    LEASE,
    bury_exhausted,
    note_failure,
    put_off,
    take_one,
)
from answering.outbox.models import Channel, Delivery, DeliveryQuerySet, DeliveryState
from answering.outbox.text import SMS_LIMIT, one_line, plain_text, sms_text

__all__ = ["ATTEMPTS", "BUSY_SECONDS", "LEASE", "deliver_due", "queue_email", "queue_sms", "try_again"]

log = structlog.get_logger(__name__)
SUBJECT_LIMIT = 200
ADDRESS_LIMIT = 254


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


def queue_sms(
    *, cause: str, line_account: int | None, sender: str, recipient: str, body: str, language: str
) -> Delivery:
    """Write the SMS as a row in the caller's transaction. The same `cause` again gives the first row.

    `sender` and `recipient` are E.164; `line_account` is the line's `twilio_account_id`, to which the sender's
    number belongs. Control signs are taken out and the text is cut to the 1,600 signs that Twilio takes.
    """
    delivery, _is_new = Delivery.objects.get_or_create(
        cause=cause,
        defaults={
            "channel": Channel.SMS,
            "account_id": line_account,
            "sender": sender,
            "recipient": one_line(recipient, ADDRESS_LIMIT),
            "body": sms_text(body, SMS_LIMIT),
            "language": language,
        },
    )
    return delivery


def deliver_due() -> int:
    """Send the e-mails that are due, one after another over one connection; gives the number sent.

    Several workers may run it at once: a row is leased to one of them, and no transaction is open while SMTP
    is spoken. Ends when nothing is due, after a minute, or when the mail server cannot be reached.
    """
    bury_exhausted(Channel.EMAIL)
    sent, ends = 0, time.monotonic() + BUSY_SECONDS
    with closing(get_connection()) as mail:
        while time.monotonic() < ends and (delivery := take_one(Channel.EMAIL)) is not None:
            if not _reach(mail, delivery):
                break
            sent += _send(mail, delivery)
    return sent


def try_again(deliveries: DeliveryQuerySet) -> int:
    """Make dead deliveries due at once, with all their attempts before them; gives their number."""
    return deliveries.filter(state=DeliveryState.DEAD).update(
        state=DeliveryState.DUE, attempts=0, attempts_since=clock.now(), next_attempt_at=clock.now()
    )


def _reach(mail: BaseEmailBackend, delivery: Delivery) -> bool:
    """Connect unless connected. A server that is away is not the letter's fault: the attempt does not count."""
    try:
        mail.open()
    except (smtplib.SMTPException, OSError) as error:
        put_off(delivery, _described(error))
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
    note_failure(delivery, _described(error), is_final=_is_refused_for_good(error), error=error)


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
