from django.db import models
from django.utils.translation import gettext_lazy as _

from answering.lib import clock
from calls.models.caller import Caller
from clients.models import Client, Line

TEXT_LIMIT = 4_000


class TextMessage(models.Model):
    """An SMS that somebody sent to a line; what comes of it is a request."""

    public_id = models.UUIDField(default=clock.uuid7, unique=True, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="texts")
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="texts")
    caller = models.ForeignKey(Caller, null=True, on_delete=models.SET_NULL, related_name="texts")
    carrier = models.CharField(max_length=12)
    sender_number = models.CharField(max_length=32, blank=True)
    text = models.TextField(blank=True)
    attachments = models.PositiveSmallIntegerField(default=0, help_text=_("Pictures and such, which are not fetched."))
    received_at = models.DateTimeField(default=clock.now)
    carrier_event_key = models.CharField(max_length=120, unique=True)

    class Meta:
        indexes = [
            models.Index(fields=["received_at"], name="text_by_time"),
            models.Index(fields=["client", "-received_at"], name="text_of_client_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.sender_number}: {self.text[:40]}"
