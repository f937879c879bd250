"""A line is what a caller reaches: whose name is said, in which language, by which script."""

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from answering.accounts.models import Language
from answering.lib import clock
from clients.models.calendars import Calendar
from clients.models.companies import Client
from clients.models.revised import Revised
from clients.querysets import LineQuerySet, ScriptVersionQuerySet


class Script(models.Model):
    """What an agent says and asks for a client; its text is in versions."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="scripts")
    name = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["id", "client"], name="script_of_client")]

    def __str__(self) -> str:
        return self.name

    def current_version(self) -> "ScriptVersion | None":
        """The version in force: the latest that is published."""
        return ScriptVersion.objects.filter(script=self).in_force().first()


class ScriptVersion(models.Model):
    """A draft until published; from then on a trigger refuses any change."""

    script = models.ForeignKey(Script, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    greeting = models.TextField(
        help_text=_("Read aloud first. {client.name}, {agent.name} and {caller.name} are filled in.")
    )
    created_at = models.DateTimeField(default=clock.now)
    published_at = models.DateTimeField(null=True, blank=True)

    objects = ScriptVersionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["script", "number"], name="script_version_once")]

    def __str__(self) -> str:
        return f"{self.script} v{self.number}"


class StepKind(models.TextChoices):
    SAY = "say", _("say")
    ASK = "ask", _("ask")


class ScriptStep(models.Model):
    version = models.ForeignKey(ScriptVersion, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=StepKind, default=StepKind.SAY)
    text = models.TextField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="script_step_once")]

    def __str__(self) -> str:
        return f"{self.position}. {self.text[:40]}"


class Line(Revised):
    """A number, or a page, on which a client is called."""

    public_id = models.UUIDField(default=clock.uuid7, unique=True, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="lines")
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    number = PhoneNumberField(null=True, blank=True, unique=True)
    twilio_account = models.ForeignKey(
        "twilio.TwilioAccount",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="lines",
        help_text=_("Whose number it is; empty for the installation's own account."),
    )
    language = models.CharField(max_length=5, choices=Language)
    calendar = models.ForeignKey(
        Calendar, on_delete=models.PROTECT, related_name="+", help_text=_("When calls of this line are answered.")
    )
    script = models.ForeignKey(Script, on_delete=models.PROTECT, related_name="lines")
    waiting_limit = models.DurationField(default=timedelta(seconds=90))
    offer_interval = models.DurationField(
        default=timedelta(seconds=6), help_text=_("After this long the call is offered to the next agent as well.")
    )
    wrap_up_limit = models.DurationField(default=timedelta(seconds=60))
    frame_ancestors = models.TextField(
        blank=True, help_text=_("Origins of web pages that may show this line's call button, separated by spaces.")
    )
    is_active = models.BooleanField(default=True)

    objects = LineQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["id", "client"], name="line_of_client"),
            models.CheckConstraint(
                name="line_times_positive",
                condition=models.Q(
                    waiting_limit__gt=timedelta(0), offer_interval__gt=timedelta(0), wrap_up_limit__gt=timedelta(0)
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def page_path(self) -> str:
        """Where this line is called from a browser."""
        return f"/phone/{self.slug}/"
