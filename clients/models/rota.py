"""Who of the client's people is on duty when. The arithmetic is `clients.rota`; these rows are its input."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from answering.lib import clock
from clients.models.calendars import Calendar
from clients.models.companies import Client
from clients.models.people import Contact
from clients.rota import Override, Shift


class Rota(models.Model):
    """One duty that people of the client share, e.g. on call at night."""

    public_id = models.UUIDField(default=clock.uuid7, unique=True, editable=False)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="rotas")
    name = models.CharField(max_length=80)
    calendar = models.ForeignKey(
        Calendar,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("When somebody must be on duty; empty for always."),
    )
    changed_at = models.DateTimeField(default=clock.now)
    version = models.PositiveIntegerField(default=1, help_text=_("Counts every change of the rota and its shifts."))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["id", "client"], name="rota_of_client"),
            models.UniqueConstraint(fields=["client", "name"], name="rota_once"),
        ]

    def __str__(self) -> str:
        return self.name


class RepeatingShift(models.Model):
    """A contact is on duty on a weekday, every week or every so many, by the clock of the client's zone."""

    rota = models.ForeignKey(Rota, on_delete=models.CASCADE, related_name="shifts")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="shifts")
    first_day = models.DateField()
    last_day = models.DateField(null=True, blank=True)
    every_weeks = models.PositiveSmallIntegerField(default=1)
    starts_minute = models.PositiveSmallIntegerField()
    ends_minute = models.PositiveSmallIntegerField(help_text=_("Not after the start: on the next day."))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rota", "contact", "first_day", "starts_minute"], name="repeating_shift_once"
            ),
            models.CheckConstraint(
                name="repeating_shift_within_day",
                condition=models.Q(starts_minute__lt=1440, ends_minute__gt=0, ends_minute__lte=1440),
            ),
            models.CheckConstraint(
                name="repeating_shift_weeks", condition=models.Q(every_weeks__gte=1, every_weeks__lte=52)
            ),
            models.CheckConstraint(
                name="repeating_shift_ends_after_start",
                condition=models.Q(last_day=None) | models.Q(last_day__gte=models.F("first_day")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact} {self.first_day}"

    def as_shift(self) -> Shift:
        return Shift(
            self.contact_id, self.first_day, self.starts_minute, self.ends_minute, self.every_weeks, self.last_day
        )


class RotaOverride(models.Model):
    """Somebody is on duty from one moment to another instead of whoever it would be."""

    rota = models.ForeignKey(Rota, on_delete=models.CASCADE, related_name="overrides")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="overrides")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=120, blank=True)

    class Meta:
        indexes = [models.Index(fields=["rota", "ends_at"], name="override_by_end")]
        constraints = [
            models.CheckConstraint(name="override_has_length", condition=models.Q(ends_at__gt=models.F("starts_at")))
        ]

    def __str__(self) -> str:
        return f"{self.contact} {self.starts_at:%Y-%m-%d %H:%M}"

    def as_override(self) -> Override:
        return Override(self.contact_id, self.starts_at, self.ends_at)


class RotaChangeKind(models.TextChoices):
    ROTA = "rota", _("Rota made")
    RENAMED = "renamed", _("Rota changed")
    SHIFT = "shift", _("Shift added")
    SHIFT_ENDED = "shift_ended", _("Shift ended")
    OVERRIDE = "override", _("Substitute named")
    OVERRIDE_ENDED = "override_ended", _("Substitute taken back")
    FEED = "feed", _("Calendar address made")
    FEED_REVOKED = "feed_revoked", _("Calendar address revoked")
    REPLACED = "replaced", _("Person replaced")


class RotaChange(models.Model):
    """Who changed what, when; a trigger refuses to change or delete it."""

    rota = models.ForeignKey(Rota, on_delete=models.PROTECT, related_name="changes")
    changed_at = models.DateTimeField(default=clock.now)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=RotaChangeKind)
    summary = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["rota", "-changed_at"], name="rota_change_by_time")]

    def __str__(self) -> str:
        return f"{self.kind} {self.summary}"


class RotaFeed(models.Model):
    """An address at which a rota is read as a calendar; only the digest of its secret is kept."""

    rota = models.ForeignKey(Rota, on_delete=models.CASCADE, related_name="feeds")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=clock.now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rota"], condition=models.Q(revoked_at=None), name="one_feed_of_rota")
        ]

    def __str__(self) -> str:
        return f"{self.rota} {self.created_at:%Y-%m-%d}"
