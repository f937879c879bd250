"""What changes in a company's contract or prices, told to its owners beforehand, and who has confirmed it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from answering.accounts.models import Language
from answering.lib import clock
from clients.models.companies import Client
from clients.querysets import AnnouncementQuerySet, CopyQuerySet


class AnnouncementKind(models.TextChoices):
    PRICES = "prices", _("Prices")
    CONTRACT = "contract", _("Contract")


class Announcement(models.Model):
    """A change that takes effect at a moment; what was announced never changes, a trigger refuses it.

    `terms` are the contract's new values by field (`clients.services.contracts.Terms`), put into force at
    `effective_at`; empty where the change lies elsewhere, as in a tariff version.
    """

    public_id = models.UUIDField(default=clock.uuid7, unique=True, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="announcements")
    kind = models.CharField(max_length=12, choices=AnnouncementKind)
    created_at = models.DateTimeField(default=clock.now)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    effective_at = models.DateTimeField()
    notice_days = models.PositiveSmallIntegerField(help_text=_("The notice agreed when it was announced."))
    is_short = models.BooleanField(default=False, help_text=_("Takes effect sooner than the notice agreed."))
    reason = models.CharField(max_length=300, blank=True, help_text=_("Why it takes effect sooner."))
    terms = models.JSONField(default=dict, blank=True)
    in_force_at = models.DateTimeField(null=True, blank=True, help_text=_("When the terms were put into force."))
    remind_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["client", "-created_at", "-id"], name="announcement_newest_first"),
            models.Index(fields=["effective_at"], name="announcement_by_effect"),
            models.Index(
                fields=["remind_at"],
                condition=models.Q(remind_at__isnull=False, reminded_at=None),
                name="announcement_to_remind",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="short_notice_has_reason", condition=models.Q(is_short=False) | ~models.Q(reason="")
            )
        ]

    def __str__(self) -> str:
        return f"{self.client_id} {self.kind} {self.effective_at:%Y-%m-%d}"

    @property
    def has_begun(self) -> bool:
        return self.effective_at <= clock.now()

    @property
    def is_overdue(self) -> bool:
        """Its moment has come and its terms could not be put into force."""
        return bool(self.terms) and self.in_force_at is None and self.has_begun

    def text_for(self, language: str) -> "AnnouncementText":
        """The text in this language, else in English."""
        texts = {text.language: text for text in self.texts.all()}
        return texts.get(language) or texts[Language.ENGLISH]


class AnnouncementText(models.Model):
    """The words of an announcement in one language, as they are sent, shown and confirmed; append-only."""

    announcement = models.ForeignKey(Announcement, on_delete=models.PROTECT, related_name="texts")
    language = models.CharField(max_length=5, choices=Language)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    digest = models.CharField(max_length=64, help_text=_("SHA-256 of subject, an empty line and body."))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["announcement", "language"], name="announcement_text_once"),
            models.UniqueConstraint(fields=["id", "announcement"], name="text_of_announcement"),
        ]

    def __str__(self) -> str:
        return self.subject


class AnnouncementCopy(models.Model):
    """One owner who has been told, by which letter, and by which they were reminded."""

    announcement = models.ForeignKey(Announcement, on_delete=models.PROTECT, related_name="copies")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    told_at = models.DateTimeField(default=clock.now)
    delivery = models.OneToOneField("outbox.Delivery", on_delete=models.PROTECT, related_name="+")
    reminder = models.OneToOneField("outbox.Delivery", null=True, on_delete=models.PROTECT, related_name="+")

    objects = CopyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "announcement copies"
        constraints = [models.UniqueConstraint(fields=["announcement", "user"], name="announcement_told_once")]

    def __str__(self) -> str:
        return f"{self.announcement_id} → {self.user_id}"


class Acknowledgement(models.Model):
    """An owner has confirmed that they have read this very text; append-only."""

    announcement = models.ForeignKey(Announcement, on_delete=models.PROTECT, related_name="acknowledgements")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    acknowledged_at = models.DateTimeField(default=clock.now)
    text = models.ForeignKey(AnnouncementText, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["announcement", "user"], name="acknowledged_once")]

    def __str__(self) -> str:
        return f"{self.announcement_id} ✓ {self.user_id}"
