"""Messages and the e-mail that they send. Needs Django set up with the house's database."""

from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

from answering.outbox.models import Delivery, DeliveryState
from bench.soak.checks import Check, check
from bench.soak.records import MessageRecord, Records
from inquiries.models import Inquiry, InquiryKind


def check_letters(records: Records, mailbox: Path) -> list[Check]:
    """Every message there is, once; and its letter in the mail sink."""
    sent = {message.form_key: message for agent in records.agents for message in agent.messages.values()}
    taken = list(Inquiry.objects.filter(kind=InquiryKind.MESSAGE).select_related("call"))
    arrived = arrivals(mailbox)
    return [
        check("a message that was acknowledged is there exactly once, as written", _messages(sent, taken)),
        check("no message is there that nobody wrote", _known(sent, taken)),
        check("a message has one letter, and it has arrived", _letters(taken, arrived)),
        check("no letter has arrived of which the house knows nothing", _accounted(arrived)),
    ]


def arrivals(mailbox: Path) -> Counter[str]:
    """How often each Message-ID has arrived."""
    return Counter(str(message_from_bytes(path.read_bytes())["Message-ID"]) for path in mailbox.glob("*.eml"))


def _messages(sent: dict[str, MessageRecord], taken: list[Inquiry]) -> Iterator[str | None]:
    texts = {str(inquiry.form_key): (str(inquiry.call and inquiry.call.public_id), inquiry.text) for inquiry in taken}
    counts = Counter(str(inquiry.form_key) for inquiry in taken)
    for key, message in sent.items():
        if message.is_acknowledged or counts[key]:
            is_true = counts[key] == 1 and texts[key] == (message.call, message.text)
            yield (
                None if is_true else f"{message.call}: {message.text!r} is there {counts[key]} times: {texts.get(key)}"
            )


def _known(sent: dict[str, MessageRecord], taken: list[Inquiry]) -> Iterator[str | None]:
    for inquiry in taken:
        yield None if str(inquiry.form_key) in sent else f"{inquiry.public_id}: {inquiry.text!r}"


def _letters(taken: list[Inquiry], arrived: Counter[str]) -> Iterator[str | None]:
    deliveries = {delivery.cause: delivery for delivery in Delivery.objects.all()}
    for inquiry in taken:
        own = [each for cause, each in deliveries.items() if cause.startswith(f"inquiry:{inquiry.pk}:")]
        is_true = len(own) == 1 and own[0].state == DeliveryState.SENT and arrived[own[0].message_id] > 0
        states = [(each.state, each.attempts, arrived[each.message_id]) for each in own]
        yield None if is_true else f"message {inquiry.public_id}: letters (state, attempts, arrivals) {states}"


def _accounted(arrived: Counter[str]) -> Iterator[str | None]:
    known = {delivery.message_id for delivery in Delivery.objects.all()}
    for message_id in arrived:
        yield None if message_id in known else f"{message_id} has arrived"
