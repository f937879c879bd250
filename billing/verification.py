"""Compute every record again from its call's ledger: what cannot be replayed cannot be billed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db.models import F

from billing.models import TariffVersion, UsageRecord
from billing.querysets import UsageQuerySet
from billing.rating import RatingError
from billing.services import usage_of

COMPARED = ("client_id", "ended_at", "billable_seconds", "is_zero_rated", "exact_amount", "computation")
CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Difference:
    """A record that its call does not give; `reason` names the columns, or why nothing can be computed."""

    record: UsageRecord
    reason: str


def find_differences(
    records: UsageQuerySet | None = None, *, on_checked: Callable[[], None] = lambda: None
) -> list[Difference]:
    """Records in force that a fresh computation from the ledger does not give; a few queries per thousand.

    A record of an older ledger is left out: that call is not priced as it stands, and counted as such.
    """
    wrong = []
    for record in _current(UsageRecord.objects.all() if records is None else records):
        reason = _difference(record)
        if reason:
            wrong.append(Difference(record, reason))
        on_checked()
    return wrong


def _current(records: UsageQuerySet) -> Iterator[UsageRecord]:
    current = records.in_force().filter(ledger_version=F("call__ledger_version")).order_by("pk")
    versions: dict[int, TariffVersion] = {}
    related = current.select_related("call__client").prefetch_related("call__events")
    for record in related.iterator(chunk_size=CHUNK):
        if record.tariff_version_id not in versions:
            versions[record.tariff_version_id] = record.tariff_version
        record.tariff_version = versions[record.tariff_version_id]
        yield record


def _difference(record: UsageRecord) -> str:
    try:
        fresh = usage_of(record.call, record.tariff_version, revision=record.revision)
    except (RatingError, ValueError) as error:
        return str(error)
    names = [name for name in COMPARED if getattr(fresh, name) != getattr(record, name)]
    if "exact_amount" in names:
        return f"recorded {record.exact_amount}, computed {fresh.exact_amount}"
    return ", ".join(names)
