"""SMS that arrive at a line."""

from django.db import transaction

from answering.lib.commit import after_commit
from calls import signals
from calls.carriers.base import InboundText
from calls.carriers.registry import carrier_named
from calls.errors import LineUnknown
from calls.models import TextMessage
from calls.models.texts import TEXT_LIMIT
from calls.services.callers import recognise
from calls.services.lines import find_line


def receive_text(inbound: InboundText) -> TextMessage:
    """Keep a message to a line; twice is once. What asks for an answer follows from the row (`text_received`).

    Raises LineUnknown, also where the line belongs to another account.
    """
    known = TextMessage.objects.filter(carrier_event_key=inbound.event_key).first()
    if known is not None:
        return known
    line = find_line(inbound.dialled)
    if not carrier_named(inbound.carrier).serves(inbound.account, line):
        raise LineUnknown
    with transaction.atomic():
        caller = recognise(line, inbound.sender_number, "")
        message, is_new = TextMessage.objects.get_or_create(
            carrier_event_key=inbound.event_key,
            defaults={
                "client": line.client,
                "line": line,
                "caller": caller,
                "carrier": inbound.carrier,
                "sender_number": str(caller.number) if caller else inbound.sender_number[:32],
                "text": inbound.text.replace("\x00", "")[:TEXT_LIMIT],
                "attachments": inbound.attachments,
                "received_at": inbound.occurred_at,
            },
        )
        if is_new:
            after_commit(signals.text_received.send_robust, sender=TextMessage, text_id=message.pk)
    return message
