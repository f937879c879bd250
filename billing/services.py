"""Price closed calls from their ledger. Nothing here changes a call."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, Max, OuterRef

from answering.lib import clock
from answering.push.channels import client_channel
from answering.push.hints import hint_on_commit
from billing.models import Tariff, TariffVersion, UsageRecord
from billing.rating import CallPrice, PricePart, price_intervals
from calls.ledger import fold
from calls.models import Call
from calls.models.call import FREE_DISPOSITIONS
from calls.states import CallState

log = structlog.get_logger(__name__)
SWEEP_OVERLAP = timedelta(days=1)
BATCH = 500

STORED_PLACES = Decimal("1e-18")

Interval = tuple[datetime, int]


def rate_call(call_id: int) -> UsageRecord | None:
    """Price a closed call as its ledger stands; a changed ledger gives a new revision.

    Exactly one record per ledger version, whoever races. None while the call is not closed
    or its client has no tariff yet.
    """
    call = Call.objects.select_related("client", "client__tariff").get(pk=call_id)
    if call.closed_at is None or call.ended_at is None:
        return None
    known = UsageRecord.objects.filter(call=call, ledger_version=call.ledger_version).first()
    if known is not None:
        return known
    version = tariff_version_of(call)
    if version is None:
        log.warning("billing.no_tariff", call=call.pk, client=call.client_id)
        return None
    try:
        with transaction.atomic():
            return _write_usage(call, version)
    except IntegrityError:
        return UsageRecord.objects.filter(call=call, ledger_version=call.ledger_version).first()


def stored_amount(price: CallPrice) -> Decimal:
    """The exact price to 18 places, where a rate per unit is not a finite decimal."""
    return price.exact.quantize(STORED_PLACES)


def tariff_version_of(call: Call) -> TariffVersion | None:
    """The client's tariff version in force when the call began."""
    tariff = Tariff.objects.filter(client=call.client_id).first()
    return tariff.version_at(call.started_at) if tariff else None


def _write_usage(call: Call, version: TariffVersion) -> UsageRecord:
    last = UsageRecord.objects.filter(call=call).aggregate(last=Max("revision"))["last"] or 0
    record = usage_of(call, version, revision=last + 1)
    record.save(force_insert=True)
    hint_on_commit(client_channel(call.client_id), "usage", call=str(call.public_id))
    return record


def usage_of(call: Call, version: TariffVersion, *, revision: int = 1) -> UsageRecord:
    """The record of a closed call under this version, computed and not saved."""
    if call.ended_at is None:
        raise ValueError("A call that has not ended has no price.")
    intervals, is_free, price = compute(call, version)
    return UsageRecord(
        client_id=call.client_id,
        call=call,
        revision=revision,
        ledger_version=call.ledger_version,
        tariff_version=version,
        ended_at=call.ended_at,
        billable_seconds=0 if is_free else sum(seconds for _start, seconds in intervals),
        is_zero_rated=is_free,
        currency=call.client.currency,
        exact_amount=stored_amount(price),
        computation=computation_of(intervals, price),
    )


def compute(call: Call, version: TariffVersion) -> tuple[list[Interval], bool, CallPrice]:
    """Billable intervals, whether the call is free of charge, and its price under this version."""
    intervals = billable_intervals(call, version)
    is_free = call.disposition in FREE_DISPOSITIONS
    return intervals, is_free, price_intervals(version.call_tariff(), [] if is_free else intervals)


def billable_intervals(call: Call, version: TariffVersion) -> list[Interval]:
    """(start, whole seconds) of what the tariff bills: talk, and hold, transfer, wrap-up where it says so."""
    billed = {CallState.TALKING}
    billed |= {CallState.HELD} if version.bills_hold else set()
    billed |= {CallState.TRANSFERRING} if version.bills_transfer else set()
    segments = fold(call.events.all()).segments
    intervals = [(part.starts_at, part.seconds) for part in segments if part.state in billed]
    wrap_up = min(call.wrap_up_seconds, version.wrap_up_seconds_billed_at_most)
    if wrap_up and call.ended_at is not None and call.answered_at is not None:
        intervals.append((call.ended_at, wrap_up))
    return intervals


def computation_of(intervals: list[Interval], price: CallPrice) -> dict[str, Any]:
    """How the price came about, as kept with the record: decimals as text, moments in ISO 8601 UTC."""
    return {
        "intervals": [[start.isoformat(), seconds] for start, seconds in intervals],
        "parts": [_part(part) for part in price.parts],
    }


def _part(part: PricePart) -> dict[str, Any]:
    return {
        "kind": str(part.kind),
        "amount": str(part.amount),
        "band": part.band,
        "started_at": part.started_at.isoformat(),
        "seconds": part.seconds,
        "rate": None if part.rate is None else str(part.rate),
        "unit_s": part.unit_s,
        "increment_s": part.increment_s,
    }


def rate_closed_calls() -> int:
    """Price every closed call whose ledger is newer than its last record; gives the number priced.

    Looks back one day before the newest record, so that a long outage of the workers is caught up.
    """
    found = list(unrated_calls().values_list("pk", flat=True)[:BATCH])
    return sum(rate_call(call_id) is not None for call_id in found)


def unrated_calls() -> Any:
    """Closed calls of clients with a tariff in force that have no record of their present ledger."""
    newest = UsageRecord.objects.aggregate(newest=Max("created_at"))["newest"]
    priced = UsageRecord.objects.filter(call=OuterRef("pk"), ledger_version=OuterRef("ledger_version"))
    covered = TariffVersion.objects.filter(tariff__client=OuterRef("client_id"), valid_from__lte=OuterRef("started_at"))
    calls = Call.objects.filter(Exists(covered), ~Exists(priced), closed_at__isnull=False)
    if newest is not None:
        calls = calls.filter(ledger_changed_at__gt=min(newest, clock.now()) - SWEEP_OVERLAP)
    return calls.order_by("ledger_changed_at")


def find_differences(records: Any = None) -> list[tuple[UsageRecord, CallPrice]]:
    """Records in force whose amount a fresh computation from the ledger does not give."""
    in_force = UsageRecord.objects.in_force() if records is None else records
    wrong: list[tuple[UsageRecord, CallPrice]] = []
    chosen = in_force.filter(ledger_version=F("call__ledger_version")).select_related("call__client", "tariff_version")
    for record in chosen.iterator(chunk_size=1000):
        _intervals, _is_free, price = compute(record.call, record.tariff_version)
        if stored_amount(price) != record.exact_amount:
            wrong.append((record, price))
    return wrong
