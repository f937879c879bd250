"""New versions of a client's tariff, which its owners are told of before they take effect."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from answering.lib import clock
from billing.models import Tariff, TariffVersion
from billing.tariff_words import describe_change
from clients.announcement_text import Wording
from clients.errors import ChangedMeanwhile
from clients.models import Announcement, AnnouncementKind, AnnouncementText, Client
from clients.services.announcements import Announced, announce, check_beginning, draft_announcement


class TariffError(Exception):
    """The version cannot be made; nothing was changed and nobody was told."""


class VersionExists(TariffError):
    """Another version of the tariff begins at that moment."""


@dataclass(frozen=True, slots=True)
class Prices:
    """The content of a tariff version, as in its columns. Reading it raises TariffInvalid if it cannot be meant so."""

    definition: dict[str, Any]
    bills_hold: bool = False
    bills_transfer: bool = False
    wrap_up_seconds_billed_at_most: int = 0

    @classmethod
    def of(cls, version: TariffVersion) -> "Prices":
        return cls(
            version.definition, version.bills_hold, version.bills_transfer, version.wrap_up_seconds_billed_at_most
        )

    def version(self, tariff: Tariff, valid_from: datetime) -> TariffVersion:
        """A version with these prices, not saved and without a number."""
        return TariffVersion(
            tariff=tariff,
            valid_from=valid_from,
            definition=self.definition,
            bills_hold=self.bills_hold,
            bills_transfer=self.bills_transfer,
            wrap_up_seconds_billed_at_most=self.wrap_up_seconds_billed_at_most,
        )


def make_tariff_version(tariff: Tariff, prices: Prices, said: Announced, *, seen: int | None = None) -> TariffVersion:
    """The tariff's next version, in force from `said.effective_at` on, announced to the owners in one transaction.

    The first version is what was agreed and is not announced. `seen` is the number of the last version that the
    author has seen, if they have. Raises ChangedMeanwhile if there is a later one, VersionExists, TariffInvalid,
    BeginningInvalid, NothingChanges, and NoticeTooShort where it begins sooner than agreed and no reason is given.
    """
    with transaction.atomic():
        related = Tariff.objects.select_related("client__provider", "client__calendar")
        tariff = related.select_for_update(of=("self",)).get(pk=tariff.pk)
        version, before = _next(tariff, prices, said.effective_at)
        if seen is not None and version.number != seen + 1:
            raise ChangedMeanwhile
        if before is not None:
            client = tariff.client
            version.announcement = announce(client, AnnouncementKind.PRICES, _described(before, version, said))
        version.save(force_insert=True)
        return version


def draft_tariff_version(
    tariff: Tariff, prices: Prices, said: Announced
) -> tuple[Announcement, list[AnnouncementText]] | None:
    """What would be announced, not saved; None for the first version. Raises as `make_tariff_version`."""
    version, before = _next(tariff, prices, said.effective_at)
    if before is None:
        return None
    return draft_announcement(tariff.client, AnnouncementKind.PRICES, _described(before, version, said))


def _next(tariff: Tariff, prices: Prices, valid_from: datetime) -> tuple[TariffVersion, TariffVersion | None]:
    """The version to be, and the one that it replaces: in force just before, else the first one to come.

    Only the first may begin in the past: calls since have been charged by the one that it would replace.
    """
    version = prices.version(tariff, valid_from)
    version.call_tariff()
    if tariff.versions.filter(valid_from=valid_from).exists():
        raise VersionExists
    version.number = (tariff.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    before = tariff.version_at(valid_from) or tariff.versions.order_by("valid_from").first()
    if before is not None:
        check_beginning(valid_from)
    return version, before


def _described(before: TariffVersion, version: TariffVersion, said: Announced) -> Announced:
    currency = version.tariff.client.currency
    wording = Wording(lambda: describe_change(before, version, currency), said.wording.notes)
    return Announced(said.effective_at, said.author, wording, said.reason)


def is_owed_an_announcement(client: Client) -> bool:
    """Whether a change of the terms must be told: prices are in force, and an owner is there to read it."""
    in_force = TariffVersion.objects.filter(tariff__client=client, valid_from__lte=clock.now())
    return client.memberships.owners().exists() and in_force.exists()
