"""Send the SMS that are due, through Twilio.

Twilio takes no idempotency key for messages. So what may have been handed over before is looked for among the
account's messages first, and nothing is sent while that cannot be done.
"""

import enum
import time
from datetime import timedelta

import structlog
from django.db import IntegrityError, transaction

from answering.lib import clock
from answering.outbox.leases import BUSY_SECONDS, SERVER_AWAY_PAUSE, bury_exhausted, note_failure, put_off, take_one
from answering.outbox.models import Channel, Delivery, DeliveryState
from answering.outbox.receipts import apply_receipt, explained, locked_receipt, note_status
from answering.twilio.accounts import account_of
from answering.twilio.errors import BadCredentials, Busy, NotConfigured, NotFound, TwilioError, Unreachable
from answering.twilio.rest import Api, MessageRef
from answering.twilio.signature import public_address

log = structlog.get_logger(__name__)

RECEIPT_PATH = "/carriers/twilio/message"
# Twilio's clock may be so much behind ours; its moments have no fractions.
CLOCK_MARGIN = timedelta(seconds=30)
# Refusals of our own number or account, not of the recipient: they can be put right.
OF_THE_SENDER = frozenset({21212, 21603, 21606, 21659, 21660, 21661})


class _Outcome(enum.Enum):
    SENT = "sent"
    NOT_SENT = "not sent"
    TWILIO_AWAY = "Twilio away"


def deliver_sms_due() -> int:
    """Send what is due, one after another; gives the number handed over to Twilio.

    Several workers may run it at once, as with `deliver_due`. Ends when nothing is due, after a minute, or when
    Twilio cannot be reached. An account that is busy or wrongly configured rests; the others go on.
    """
    bury_exhausted(Channel.SMS)
    sent, ends = 0, time.monotonic() + BUSY_SECONDS
    while time.monotonic() < ends and (delivery := take_one(Channel.SMS)) is not None:
        outcome = _deliver(delivery)
        if outcome is _Outcome.TWILIO_AWAY:
            break
        sent += outcome is _Outcome.SENT
    return sent


def _deliver(delivery: Delivery) -> _Outcome:
    """Nothing is sent while it cannot be known whether an earlier attempt has been."""
    try:
        api = Api(account_of(delivery.account_id))
        known = _find(api, delivery) if delivery.attempts > 1 else None
    except (Busy, BadCredentials, NotConfigured) as error:
        return _rest_account(delivery, error)
    except TwilioError as error:
        put_off(delivery, str(error))
        log.warning("outbox.twilio_away", error=type(error).__name__)
        return _Outcome.TWILIO_AWAY
    return _note_sent(delivery, known) if known is not None else _send(delivery, api)


def _find(api: Api, delivery: Delivery) -> MessageRef | None:
    """What an earlier attempt has handed over, if it has; not what belongs to another delivery, or an older one."""
    since = delivery.attempts_since - CLOCK_MARGIN
    others = Delivery.objects.filter(recipient=delivery.recipient, created_at__gte=since - timedelta(days=7))
    taken = {delivery.external_id, *others.exclude(external_id="").values_list("external_id", flat=True)}
    return api.find_message(
        sender=delivery.sender, recipient=delivery.recipient, body=delivery.body, since=since, known=taken
    )


def _send(delivery: Delivery, api: Api) -> _Outcome:
    try:
        message = api.send_message(
            sender=delivery.sender,
            recipient=delivery.recipient,
            body=delivery.body,
            status_callback=public_address(RECEIPT_PATH),
        )
    except (Busy, BadCredentials) as error:
        return _rest_account(delivery, error)
    except Unreachable as error:
        return _note_unreachable(delivery, error)
    except TwilioError as error:
        reason = explained(str(error.code or ""), str(error))
        is_final = not isinstance(error, NotFound) and error.code not in OF_THE_SENDER
        note_failure(delivery, reason, is_final=is_final, error=error)
        return _Outcome.NOT_SENT
    return _note_sent(delivery, message)


def _note_unreachable(delivery: Delivery, error: Unreachable) -> _Outcome:
    if error.was_sent:
        note_failure(delivery, str(error), is_final=False, error=error)
    else:
        put_off(delivery, str(error))
        log.warning("outbox.twilio_away", error=type(error).__name__)
    return _Outcome.TWILIO_AWAY


def _rest_account(delivery: Delivery, error: TwilioError) -> _Outcome:
    """Nothing was sent, and nothing will be from this account for a while: let all that is due from it wait."""
    asked = error.retry_after if isinstance(error, Busy) else None
    pause = max(asked or SERVER_AWAY_PAUSE, SERVER_AWAY_PAUSE)
    put_off(delivery, str(error), pause=pause)
    due = Delivery.objects.due(clock.now()).filter(channel=Channel.SMS, account_id=delivery.account_id)
    with transaction.atomic():  # rows that another worker is taking up are left to it: nobody waits, nobody deadlocks
        waiting = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True))
        Delivery.objects.filter(pk__in=waiting).update(next_attempt_at=clock.now() + pause)
    log.warning("outbox.account_rests", account=delivery.account_id, error=type(error).__name__)
    return _Outcome.NOT_SENT


def _note_sent(delivery: Delivery, message: MessageRef) -> _Outcome:
    """Twilio has it. What was reported of it meanwhile counts at once."""
    try:
        with transaction.atomic():
            receipt = locked_receipt(message.sid)
            Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.DUE).update(
                state=DeliveryState.SENT, sent_at=clock.now(), external_id=message.sid, last_error=""
            )
            note_status(receipt, message.status, message.error_code)
            apply_receipt(receipt)
    except IntegrityError as error:  # another delivery with the same words has been given this message
        note_failure(delivery, "Its message was taken for another's.", is_final=False, error=error)
        return _Outcome.NOT_SENT
    return _Outcome.SENT
