"""A line is what a caller reaches: whose name is said, in which language, by which script."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from answering.accounts.models import Language
from answering.lib import clock
from clients.models.calendars import Calendar
from clients.models.companies import Client
from clients.models.revised import Revised
from clients.models.skills import Skill
from clients.querysets import LineQuerySet, ScriptQuerySet, ScriptVersionQuerySet
from clients.scripts import ScriptDefinition


class Situation(models.TextChoices):
    """How a line stands when somebody calls. Its hours decide; a notice counts within them."""

    IN_HOURS = "in_hours", _("In hours")
    NOTICE = "notice", _("A notice is in force")
    AFTER_HOURS = "after_hours", _("After hours")
    HOLIDAY = "holiday", _("Holiday")


class Handling(models.TextChoices):
    """What becomes of calls in a situation."""

    ANSWER = "answer", _("Agents answer")
    CALL_BACK = "call_back", _("Announcement and call-back")


class Script(Revised):
    """What an agent says and asks for a client; its text is in versions.

    A deleted one is kept with its versions, for the calls that ran on them; a trigger lets no line use it again.
    """

    public_id = models.UUIDField(default=clock.uuid7, unique=True, editable=False)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="scripts")
    name = models.CharField(max_length=120)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ScriptQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["id", "client"], name="script_of_client")]

    def __str__(self) -> str:
        return self.name

    def current_version(self) -> "ScriptVersion | None":
        """The version in force: of those whose time has come, the one whose time came last."""
        return ScriptVersion.objects.filter(script=self).in_force().first()

    def languages(self) -> frozenset[str]:
        """The languages in which it is needed: those of its lines, without any the client's."""
        used = frozenset(Line.objects.reading(self).filter(is_active=True).values_list("language", flat=True))
        return used or frozenset([self.client.language])


class ScriptVersion(models.Model):
    """A draft without `published_at`; scheduled until then; from then on a trigger refuses any change.

    `definition` is read by `ScriptDefinition.from_dict`, never queried. `revision` counts the draft's saves, so that
    of two people who edit it the second is told.
    """

    script = models.ForeignKey(Script, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=1)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    edited_at = models.DateTimeField(default=clock.now)
    created_at = models.DateTimeField(default=clock.now)
    published_at = models.DateTimeField(null=True, blank=True, help_text=_("From when on calls begin with it."))
    note = models.CharField(max_length=300, blank=True, help_text=_("Why it was made, unless somebody wrote it."))

    objects = ScriptVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["script", "number"], name="script_version_once"),
            models.UniqueConstraint(
                fields=["script"], condition=models.Q(published_at=None), name="one_draft_per_script"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.script} v{self.number}"

    @property
    def is_draft(self) -> bool:
        return self.published_at is None

    @property
    def is_scheduled(self) -> bool:
        return self.published_at is not None and self.published_at > clock.now()

    def read(self) -> ScriptDefinition:
        """The script itself. Raises DefinitionError, which only rows written past the services can do."""
        return ScriptDefinition.from_dict(self.definition)


def _script_of_situation() -> "models.ForeignKey[Script | None, Script | None]":
    return models.ForeignKey(
        Script,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Empty for the usual script."),
    )


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
    after_hours = models.CharField(max_length=12, choices=Handling, default=Handling.CALL_BACK)
    after_hours_script = _script_of_situation()
    on_holiday = models.CharField(max_length=12, choices=Handling, default=Handling.CALL_BACK)
    holiday_script = _script_of_situation()
    during_notice = models.CharField(max_length=12, choices=Handling, default=Handling.ANSWER)
    notice_script = _script_of_situation()
    skills = models.ManyToManyField(
        Skill, blank=True, related_name="lines", help_text=_("Only agents who have all of them are asked.")
    )
    skills_wait = models.DurationField(
        null=True, blank=True, help_text=_("After waiting this long agents without the skills are asked too.")
    )
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
            models.CheckConstraint(
                name="line_skills_wait_within_limit",
                condition=models.Q(skills_wait=None)
                | models.Q(skills_wait__gt=timedelta(0), skills_wait__lt=models.F("waiting_limit")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def page_path(self) -> str:
        """Where this line is called from a browser."""
        return f"/phone/{self.slug}/"

    def handling_in(self, situation: Situation) -> Handling:
        """What becomes of a call in this situation; in hours it is always answered."""
        chosen = {
            Situation.IN_HOURS: Handling.ANSWER,
            Situation.NOTICE: self.during_notice,
            Situation.AFTER_HOURS: self.after_hours,
            Situation.HOLIDAY: self.on_holiday,
        }
        return Handling(chosen[situation])

    def own_script_in(self, situation: Situation) -> int | None:
        """The key of the script that this situation has for itself; None where the usual one is read."""
        return {
            Situation.IN_HOURS: None,
            Situation.NOTICE: self.notice_script_id,
            Situation.AFTER_HOURS: self.after_hours_script_id,
            Situation.HOLIDAY: self.holiday_script_id,
        }[situation]
