"""What the network says of an SMS after Twilio took it: in any order, more than once, early or late.

The furthest status wins, so that every order of the same receipts ends the same. A delivery that is told counts more
than a failure that is told: the phone has it.
"""

from django.db import transaction
from django.db.models.functions import Coalesce

from answering.lib import clock
from answering.outbox.models import Delivery, DeliveryState, Receipt
from answering.outbox.text import one_line
from answering.twilio.sids import is_message_sid

# Twilio, "Message status values". What is not here says nothing of an SMS that we send.
RANKS = {
    "accepted": 1,
    "scheduled": 1,
    "queued": 1,
    "sending": 2,
    "sent": 3,
    "canceled": 4,
    "failed": 4,
    "undelivered": 4,
    "delivered": 5,
    "read": 5,
}
FAILED, DELIVERED = 4, 5
CODE_LIMIT = 12

# Twilio, "Error and warning dictionary": those that a person can do something about.
REASONS = {
    "21211": "This is no telephone number.",
    "21408": "The account may not send to this country (Twilio: Messaging, Geo permissions).",
    "21610": "The recipient has answered STOP and gets nothing until they answer START.",
    "21612": "From this number nothing can be sent to that one.",
    "21614": "This number cannot receive SMS.",
    "21617": "The text is too long.",
    "30003": "The phone is switched off or cannot be reached.",
    "30004": "The recipient, or their network, blocks messages from this number.",
    "30005": "The number does not exist or is out of use.",
    "30006": "This is a landline, or a network that takes no SMS.",
    "30007": "The network has filtered the message out as unwanted.",
    "30008": "The network did not say why.",
}


def note_receipt(external_id: str, status: str, error_code: str) -> bool:
    """Take in what Twilio reports of a message; True if it is one of ours, as far as is known by now.

    One that comes before the sender has learned the SID is kept, and counts when it has. What is no status of
    a message that we send changes nothing.
    """
    if not is_message_sid(external_id) or status not in RANKS:
        return False
    with transaction.atomic():
        receipt = locked_receipt(external_id)
        note_status(receipt, status, error_code)
        return apply_receipt(receipt)


def locked_receipt(external_id: str) -> Receipt:
    """The row of this SID, made if need be, locked until the transaction ends.

    Whoever learns the SID and whoever hears of it meet here: one of them sees what the other has written.
    """
    Receipt.objects.get_or_create(external_id=external_id)
    return Receipt.objects.select_for_update().get(external_id=external_id)


def note_status(receipt: Receipt, status: str, error_code: str) -> None:
    """Keep the status if it is further than the one known."""
    if RANKS.get(status, 0) > RANKS.get(receipt.status, 0):
        receipt.status, receipt.error_code = status, one_line(error_code, CODE_LIMIT)
        receipt.changed_at = clock.now()
        receipt.save()


def apply_receipt(receipt: Receipt) -> bool:
    """Let the delivery with this SID be as the receipt says; False if there is none."""
    mine = Delivery.objects.filter(external_id=receipt.external_id)
    rank = RANKS.get(receipt.status, 0)
    if rank == DELIVERED:
        arrived_at = receipt.changed_at
        mine.exclude(state=DeliveryState.DELIVERED).update(
            state=DeliveryState.DELIVERED,
            sent_at=Coalesce("sent_at", arrived_at),
            delivered_at=arrived_at,
            last_error="",
        )
    elif rank == FAILED:
        mine.filter(state=DeliveryState.SENT).update(state=DeliveryState.DEAD, last_error=_reason_of(receipt))
    return mine.exists()


def explained(error_code: str, otherwise: str) -> str:
    """What Twilio's number means for a person, with the number; Twilio's own words where we have none."""
    reason = REASONS.get(error_code, otherwise)
    return f"{reason} (Twilio {error_code})" if error_code and error_code not in reason else reason


def _reason_of(receipt: Receipt) -> str:
    return explained(receipt.error_code, f"The network reports: {receipt.status}.")
