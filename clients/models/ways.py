"""The agreed way of working with a VIP client."""

from datetime import date

from django.conf import settings
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from answering.lib import clock
from clients.models.companies import Client
from clients.querysets import WayOfWorkingQuerySet

WAY_TEXT_LIMIT = 2_000
WAY_TEXTS = {
    "greeting": _("greeting"),
    "decisions": _("who decides what"),
    "dos": _("always do"),
    "donts": _("never do"),
    "escalation": _("when it is urgent or goes wrong"),
}


class WayOfWorking(models.Model):
    """What was agreed with a client, as of when; a trigger refuses to change or delete it.

    The version with the highest number is in force; a review that changes nothing is a version too.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="ways")
    number = models.PositiveIntegerField()
    greeting = models.TextField(WAY_TEXTS["greeting"], max_length=WAY_TEXT_LIMIT, blank=True)
    decisions = models.TextField(WAY_TEXTS["decisions"], max_length=WAY_TEXT_LIMIT, blank=True)
    dos = models.TextField(WAY_TEXTS["dos"], max_length=WAY_TEXT_LIMIT, blank=True)
    donts = models.TextField(WAY_TEXTS["donts"], max_length=WAY_TEXT_LIMIT, blank=True)
    escalation = models.TextField(WAY_TEXTS["escalation"], max_length=WAY_TEXT_LIMIT, blank=True)
    agreed_by = models.CharField(
        _("agreed by"), max_length=120, help_text=_("Who of the client’s people agreed to it.")
    )
    agreed_on = models.DateField(_("agreed on"))
    reviewer = models.ForeignKey(
        "accounts.Agent", on_delete=models.PROTECT, related_name="+", verbose_name=_("reviewed next by")
    )
    review_on = models.DateField(_("next review"))
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=clock.now)

    objects = WayOfWorkingQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "ways of working"
        constraints = [
            models.UniqueConstraint(fields=["client", "number"], name="way_version_once"),
            models.CheckConstraint(
                name="way_reviewed_after_agreed",
                condition=models.Q(review_on__gt=models.F("agreed_on")),
                violation_error_message=_("The next review comes after the day of the agreement."),
            ),
            models.CheckConstraint(
                name="way_says_something",
                condition=~models.Q(greeting="", decisions="", dos="", donts="", escalation=""),
                violation_error_message=_("Write down at least one thing that was agreed."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client} v{self.number}"

    def is_overdue(self, today: date) -> bool:
        """Whether the review should have been by a day in the client's zone."""
        return self.review_on < today

    @property
    def parts_beside_greeting(self) -> list[tuple[str, str]]:
        """The same where the greeting has a place of its own."""
        return self.parts[1:] if self.greeting else self.parts

    @property
    def parts(self) -> list[tuple[str, str]]:
        """What is written, each with its heading, without what nothing is said about."""
        return [(capfirst(str(label)), getattr(self, name)) for name, label in WAY_TEXTS.items() if getattr(self, name)]
