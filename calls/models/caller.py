from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from answering.accounts.models import Language
from answering.lib import clock
from answering.lib.text import search_key
from clients.models import Client
from clients.models.revised import Revised

SEARCH_KEY_LIMIT = 400


class Caller(Revised):
    """Somebody who calls one client, known by number; never shared between clients."""

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
        ]
        indexes = [
            models.Index(
                fields=["client"],
                condition=models.Q(is_blocked=True) | models.Q(is_always_connected=True),
                name="caller_screened",
            )
        ]

    def __str__(self) -> str:
        return self.name or str(self.number)

    def needs_care(self, moment: datetime) -> bool:
        """Whether agents are to be careful with this caller at a moment."""
        return bool(self.care_reason) and (self.care_until is None or moment < self.care_until)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.set_search_key()
        super().save(*args, **kwargs)

    def set_search_key(self) -> None:
        # Compatibility forms grow when they are decomposed: one sign may become eighteen.
        self.search_key = search_key(self.name)[:SEARCH_KEY_LIMIT]
