from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from answering.accounts.models import Language
from answering.lib import clock
from answering.lib.text import search_key
from calls.querysets import CallerQuerySet
from clients.models import Client
from clients.models.revised import Revised

SEARCH_KEY_LIMIT = 400


class Caller(Revised):
    """Somebody who calls one client, known by number; never shared between clients.

    A merged caller is a further number of the one into whom they were merged, one step and no more (a trigger);
    what is said of them themselves is then kept for the day on which they are separated again.
    """

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="callers", db_index=False)
    number = PhoneNumberField()
    name = models.CharField(max_length=200, blank=True)
    search_key = models.CharField(max_length=SEARCH_KEY_LIMIT, editable=False)
    language = models.CharField(max_length=5, choices=Language, blank=True)
    note = models.TextField(blank=True, help_text=_("Shown to the agent, e.g. hard of hearing."))
    is_blocked = models.BooleanField(
        _("blocked"), default=False, help_text=_("Their calls do not come through; nobody is disturbed.")
    )
    is_always_connected = models.BooleanField(
        _("always connect"), default=False, help_text=_("Put through to an agent outside the line's hours as well.")
    )
    care_reason = models.CharField(
        _("handle with care, because"), max_length=200, blank=True, help_text=_("Agents see this before they answer.")
    )
    care_until = models.DateTimeField(_("handle with care until"), null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    merged_into = models.ForeignKey(
        "self", null=True, on_delete=models.CASCADE, editable=False, related_name="merged", db_index=False
    )

    objects = CallerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "number"], name="caller_once_per_client"),
            models.UniqueConstraint(fields=["id", "client"], name="caller_of_client"),
            models.CheckConstraint(
                name="caller_blocked_or_always_connected",
                condition=models.Q(is_blocked=False) | models.Q(is_always_connected=False),
                violation_error_message=_("A caller cannot be blocked and always connected at once."),
            ),
            models.CheckConstraint(
                name="caller_care_has_reason",
                condition=models.Q(care_until=None) | ~models.Q(care_reason=""),
                violation_error_message=_("Say why this caller is to be handled with care."),
            ),
            models.CheckConstraint(
                name="caller_merged_into_another",
                condition=models.Q(merged_into=None)
                | models.Q(merged_into__lt=models.F("id"))
                | models.Q(merged_into__gt=models.F("id")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["client"],
                condition=models.Q(is_blocked=True) | models.Q(is_always_connected=True),
                name="caller_screened",
            ),
            models.Index(
                fields=["merged_into"], condition=models.Q(merged_into__isnull=False), name="caller_merged_into"
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(self.number)

    @property
    def kept(self) -> "Caller":
        """Whom this number belongs to: themselves, or the one into whom they were merged."""
        return self.merged_into or self

    @property
    def kept_id(self) -> int:
        return self.merged_into_id or self.pk

    def needs_care(self, moment: datetime) -> bool:
        """Whether agents are to be careful with this caller at a moment."""
        return bool(self.care_reason) and (self.care_until is None or moment < self.care_until)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.set_search_key()
        super().save(*args, **kwargs)

    def set_search_key(self) -> None:
        # Compatibility forms grow when they are decomposed: one sign may become eighteen.
        self.search_key = search_key(self.name)[:SEARCH_KEY_LIMIT]


class CallerChangeKind(models.TextChoices):
    EDITED = "edited", _("Changed")
    MERGED = "merged", _("Merged")
    SEPARATED = "separated", _("Separated again")
    LINKED = "linked", _("Named as who called")


class CallerChange(models.Model):
    """Who changed what is known of a caller, when; a trigger refuses to change it.

    It goes with the caller when a person is erased, so it may be deleted. `before` and `after` are the values of the
    fields that changed. `moved` names each number that a merge gave to this caller, by the id of its row, with the
    id of the caller to whom it belonged until then, or None for a caller of their own.
    """

    caller = models.ForeignKey(Caller, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=12, choices=CallerChangeKind)
    changed_at = models.DateTimeField(default=clock.now)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    call = models.ForeignKey("calls.Call", null=True, on_delete=models.PROTECT, related_name="+")
    before = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    moved = models.JSONField(default=dict)
    undoes = models.OneToOneField("self", null=True, on_delete=models.CASCADE, related_name="undone_by")

    class Meta:
        indexes = [models.Index(fields=["caller", "-changed_at"], name="caller_change_by_time")]
        constraints = [
            models.CheckConstraint(
                name="only_a_separation_undoes",
                condition=models.Q(kind="separated", undoes__isnull=False)
                | (~models.Q(kind="separated") & models.Q(undoes=None)),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.caller_id}"
