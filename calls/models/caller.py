from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from answering.accounts.models import Language
from answering.lib import clock
from answering.lib.text import search_key
from clients.models import Client

SEARCH_KEY_LIMIT = 400


class Caller(models.Model):
    """Somebody who calls one client, known by number; never shared between clients."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="callers")
    number = PhoneNumberField()
    name = models.CharField(max_length=200, blank=True)
    search_key = models.CharField(max_length=SEARCH_KEY_LIMIT, editable=False)
    language = models.CharField(max_length=5, choices=Language, blank=True)
    note = models.TextField(blank=True, help_text=_("Shown to the agent, e.g. hard of hearing."))
    is_blocked = models.BooleanField(default=False)
    is_always_connected = models.BooleanField(
        default=False, help_text=_("Put through to an agent outside the line's hours as well.")
    )
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "number"], name="caller_once_per_client"),
            models.UniqueConstraint(fields=["id", "client"], name="caller_of_client"),
            models.CheckConstraint(
                name="caller_blocked_or_always_connected",
                condition=models.Q(is_blocked=False) | models.Q(is_always_connected=False),
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

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.set_search_key()
        super().save(*args, **kwargs)

    def set_search_key(self) -> None:
        # Compatibility forms grow when they are decomposed: one sign may become eighteen.
        self.search_key = search_key(self.name)[:SEARCH_KEY_LIMIT]
