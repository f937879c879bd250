"""Whether the books of the house agree with themselves. Needs Django set up with its database."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef

from answering.outbox.models import Delivery, DeliveryState
from bench.soak.checks import Check, check
from billing.models import UsageRecord
from billing.services import unrated_calls
from billing.verification import find_differences
from calls.ledger import PARTS, fold
from calls.models import Call, CallOffer, CarrierOrder, OrderOutcome
from calls.services.book import apply_fold, ledger_values
from calls.states import LOST_OUTCOMES, CallState
from inquiries.models import Inquiry, InquiryKind


def left_to_do() -> dict[str, int]:
    """What the house has still to do by itself, by name; empty when all is done."""
    called_back = Exists(Inquiry.objects.filter(kind=InquiryKind.CALLBACK, call=OuterRef("pk")))
    found = {
        "calls not closed": Call.objects.exclude(state=CallState.CLOSED).count(),
        "calls not priced": unrated_calls().count(),
        "call-backs not noted": Call.objects.filter(~called_back, outcome__in=LOST_OUTCOMES).count(),
        "call-backs not withdrawn": Inquiry.objects.needless().count(),
        "orders not carried out": CarrierOrder.objects.filter(outcome=OrderOutcome.DUE).count(),
        "letters not sent": Delivery.objects.filter(state=DeliveryState.DUE).count(),
    }
    return {name: count for name, count in found.items() if count}


def check_books() -> list[Check]:
    """Every promise that the database alone can prove."""
    calls = list(Call.objects.select_related("line").prefetch_related("events", "usage", "inquiries"))
    return [
        check("every call has come to its end and is closed", map(_closed, calls)),
        check("the seconds of a call's parts add up to its length", map(_adds_up, calls)),
        check("the columns of a call are what its ledger says", map(_folds, calls)),
        check(
            "a call has one usage record for each version that was priced, the last one in force", map(_priced, calls)
        ),
        check("every price is what the ledger gives when it is computed again", _replayed()),
        check("a lost call has exactly one call-back, any other none", map(_called_back, calls)),
        check("no offer is left open, no timer set", map(_at_rest, calls)),
        check("no order to a network is left open or given up", _orders()),
    ]


def _closed(call: Call) -> str | None:
    if call.state == CallState.CLOSED and call.ended_at and call.closed_at and call.outcome:
        return None
    return f"{call.public_id} is {call.state}, ended {call.ended_at}, closed {call.closed_at}"


def _adds_up(call: Call) -> str | None:
    parts = sum(getattr(call, f"{part}_seconds") for part in PARTS)
    return None if parts == call.total_seconds else f"{call.public_id}: {parts} s in parts, {call.total_seconds} s long"


def _folds(call: Call) -> str | None:
    stored = ledger_values(call)
    apply_fold(call, fold(call.events.all()))
    folded = ledger_values(call)
    return None if folded == stored else f"{call.public_id}: stored {stored}, folded {folded}"


def _priced(call: Call) -> str | None:
    records = sorted(call.usage.all(), key=lambda record: record.revision)
    revisions = [record.revision for record in records]
    is_current = bool(records) and records[-1].ledger_version == call.ledger_version
    if is_current and revisions == list(range(1, len(records) + 1)):
        return None
    versions = [record.ledger_version for record in records]
    return f"{call.public_id}: ledger {call.ledger_version}, revisions {revisions} of ledgers {versions}"


def _replayed() -> Iterator[str | None]:
    wrong = {difference.record.pk: difference.reason for difference in find_differences()}
    for record in UsageRecord.objects.in_force().select_related("call"):
        reason = wrong.get(record.pk)
        yield f"{record.call.public_id}: {reason}" if reason else None


def _called_back(call: Call) -> str | None:
    count = sum(inquiry.kind == InquiryKind.CALLBACK for inquiry in call.inquiries.all())
    owed = int(call.outcome in LOST_OUTCOMES)
    return None if count == owed else f"{call.public_id} ({call.outcome}) has {count} call-backs"


def _at_rest(call: Call) -> str | None:
    is_offered = CallOffer.objects.filter(call=call).open().exists()
    if call.next_action_at is None and not is_offered:
        return None
    return f"{call.public_id}: next action {call.next_action_at}, an offer is open: {is_offered}"


def _orders() -> Iterator[str | None]:
    for order in CarrierOrder.objects.select_related("call"):
        is_settled = order.outcome not in (OrderOutcome.DUE, OrderOutcome.GIVEN_UP)
        about = f"{order.order} of generation {order.generation} of {order.call.public_id}"
        yield None if is_settled else f"{about}: {order.outcome}, {order.attempts} attempts, {order.last_error}"
