"""Tariffs by version, and what each call used of them."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from answering.lib import clock
from billing.querysets import UsageQuerySet
from billing.rating import CallTariff, TariffInvalid
from calls.models import Call
from clients.models import Announcement, Client


class Tariff(models.Model):
    """A client's price list; its content is in versions, each valid from a moment on."""

    client = models.OneToOneField(Client, on_delete=models.PROTECT, related_name="tariff")
    name = models.CharField(max_length=120)

    def __str__(self) -> str:
        return self.name

    def version_at(self, moment: datetime) -> "TariffVersion | None":
        """The version in force at a moment, or None before the first."""
        return self.versions.filter(valid_from__lte=moment).order_by("-valid_from").first()


class TariffVersion(models.Model):
    """Prices that never change once announced or used; a trigger refuses it. `billing.terms` makes them.

    `definition` is what `CallTariff.from_dict` reads, frozen as agreed with the client.
    """

    tariff = models.ForeignKey(Tariff, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    valid_from = models.DateTimeField()
    definition = models.JSONField()
    bills_hold = models.BooleanField(default=False)
    bills_transfer = models.BooleanField(default=False)
    wrap_up_seconds_billed_at_most = models.PositiveIntegerField(default=0, help_text=_("0: wrap-up is free."))
    announcement = models.OneToOneField(
        Announcement,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="tariff_version",
        help_text=_("How the client was told; empty for the first version."),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tariff", "number"], name="tariff_version_once"),
            models.UniqueConstraint(fields=["tariff", "valid_from"], name="tariff_version_one_start"),
        ]

    def __str__(self) -> str:
        return f"{self.tariff} v{self.number}"

    def clean(self) -> None:
        """Refuse prices that cannot be meant so, before any call meets them."""
        try:
            self.call_tariff()
        except TariffInvalid as error:
            raise ValidationError({"definition": str(error)}) from error

    def call_tariff(self) -> CallTariff:
        """The prices ready for arithmetic; raises TariffInvalid for a wrong definition."""
        return CallTariff.from_dict(self.definition)


class UsageRecord(models.Model):
    """What one closed call costs before rounding, and how that came about; append-only, kept by a trigger.

    A correction is a new revision, made when the call's ledger has changed since.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="usage")
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="usage")
    revision = models.PositiveSmallIntegerField(default=1)
    ledger_version = models.PositiveIntegerField(help_text=_("The call's ledger that was priced."))
    tariff_version = models.ForeignKey(TariffVersion, on_delete=models.PROTECT, related_name="usage")
    ended_at = models.DateTimeField(help_text=_("Decides the billing month, in the client's zone."))
    billable_seconds = models.PositiveIntegerField()
    is_zero_rated = models.BooleanField(default=False, help_text=_("Wrong number or spam."))
    currency = models.CharField(max_length=3)
    exact_amount = models.DecimalField(max_digits=40, decimal_places=18)
    computation = models.JSONField(help_text=_("The parts of the price, in order."))
    created_at = models.DateTimeField(default=clock.now)

    objects = UsageQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["client", "ended_at", "id"], name="usage_of_client_by_end")]
        constraints = [
            models.UniqueConstraint(fields=["call", "revision"], name="usage_once_per_revision"),
            models.UniqueConstraint(fields=["call", "ledger_version"], name="usage_once_per_ledger_version"),
            models.CheckConstraint(name="usage_not_negative", condition=models.Q(exact_amount__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.call_id} r{self.revision}: {self.exact_amount} {self.currency}"

    @property
    def parts(self) -> list[dict[str, Any]]:
        """The parts of the price as they were computed."""
        return list(self.computation.get("parts", []))
