"""Price closed calls from their ledger. Nothing here changes a call."""

import time
from collections import Counter
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, Max, OuterRef, QuerySet

from answering.lib import clock
from answering.push.channels import client_channel
from answering.push.hints import hint_on_commit
from billing.models import Tariff, TariffVersion, UsageRecord
from billing.rating import CallPrice, PricePart, RatingError, price_intervals
from calls.ledger import fold
from calls.models import Call
from calls.models.call import FREE_DISPOSITIONS
from calls.states import CallState

log = structlog.get_logger(__name__)
RECENT = timedelta(hours=1)
BUSY_SECONDS = 60.0
PATIENCE = 20

STORED_PLACES = Decimal("1e-18")
_STORED = Context(prec=60, rounding=ROUND_HALF_UP)

Interval = tuple[datetime, int]


def rate_call(call_id: int) -> UsageRecord | None:
    """Price a closed call as its ledger stands; a changed ledger gives a new revision.

    Exactly one record per ledger version, whoever races: the call is locked meanwhile, so that its events are
    those of the version that is noted. None while the call is not closed or its client has no tariff yet.
    Raises RatingError for a tariff that cannot price it.
    """
    with transaction.atomic():
        related = Call.objects.select_related("client")
        call = related.select_for_update(of=("self",), no_key=True).get(pk=call_id)
        if call.closed_at is None or call.ended_at is None:
            return None
        known = UsageRecord.objects.filter(call=call, ledger_version=call.ledger_version).first()
        return known or _rate(call)


def _rate(call: Call) -> UsageRecord | None:
    version = tariff_version_of(call)
    if version is None:
        log.warning("billing.no_tariff", call=call.pk, client=call.client_id)
        return None
    # Read again under a lock: whoever changes an unused version now waits, and is then refused.
    locked = TariffVersion.objects.select_for_update(of=("self",), no_key=True).get(pk=version.pk)
    return _write_usage(call, locked)


def stored_amount(price: CallPrice) -> Decimal:
    """The exact price to 18 places, half up, where a rate per unit is not a finite decimal."""
    return price.exact.quantize(STORED_PLACES, context=_STORED)


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


def rate_closed_calls(changed_after: datetime | None = None) -> int:
    """Price closed calls not priced as they stand, newest first, for a minute at most; gives the number priced.

    A call that cannot be priced, as under a tariff that makes no sense, is left for the next time; a client
    with many such calls does not keep the others waiting.
    """
    priced, failed, ends = 0, Counter[int](), time.monotonic() + BUSY_SECONDS
    for call_id, client_id in unrated_calls(changed_after).values_list("pk", "client_id").iterator():
        if time.monotonic() > ends:
            break
        if failed[client_id] < PATIENCE:
            result = _rate_and_go_on(call_id)
            priced += result is True
            failed[client_id] += result is None
    for client_id, count in (+failed).items():
        log.error("billing.not_priced", client=client_id, calls=count, and_more=count >= PATIENCE)
    return priced


def _rate_and_go_on(call_id: int) -> bool | None:
    """Whether the call has been priced; None where that failed, which must not keep the others from theirs."""
    try:
        return rate_call(call_id) is not None
    except (OperationalError, InterfaceError):
        raise
    except RatingError as error:
        log.warning("billing.call_not_priced", call=call_id, error=str(error)[:300])
    except Exception:  # a worker's loop
        log.exception("billing.call_not_priced", call=call_id)
    return None


def rate_recent_calls() -> int:
    """The same for calls whose ledger changed within the last hour: cheap however many calls there are."""
    return rate_closed_calls(clock.now() - RECENT)


def unpriced_calls(changed_after: datetime | None = None) -> QuerySet[Call]:
    """Closed calls that have no record of their present ledger, newest change first."""
    priced = UsageRecord.objects.filter(call=OuterRef("pk"), ledger_version=OuterRef("ledger_version"))
    calls = Call.objects.filter(~Exists(priced), closed_at__isnull=False)
    if changed_after is not None:
        calls = calls.filter(ledger_changed_at__gt=changed_after)
    return calls.order_by("-ledger_changed_at")


def unrated_calls(changed_after: datetime | None = None) -> QuerySet[Call]:
    """Those of them whose client had a tariff in force."""
    covered = TariffVersion.objects.filter(tariff__client=OuterRef("client_id"), valid_from__lte=OuterRef("started_at"))
    return unpriced_calls(changed_after).filter(Exists(covered))
