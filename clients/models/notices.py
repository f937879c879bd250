"""What is different just now: "back at 14:00", "strike on Friday"."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from answering.lib import clock
from clients.models.companies import Client
from clients.models.lines import Line
from clients.models.revised import Revised
from clients.querysets import NoticeQuerySet

NOTICE_LIMIT = 400


class Notice(Revised):
    """A temporary notice of a company, in the language of its line or else in its own."""

    public_id = models.UUIDField(default=clock.uuid7, unique=True, editable=False)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="notices")
    line = models.ForeignKey(
        Line, null=True, blank=True, on_delete=models.CASCADE, related_name="+", help_text=_("Empty for all lines.")
    )
    text = models.CharField(max_length=NOTICE_LIMIT)
    starts_at = models.DateTimeField(default=clock.now)
    ends_at = models.DateTimeField()
    is_public = models.BooleanField(default=False, help_text=_("Callers read it too, on the page of the line."))

    objects = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["client", "ends_at"], name="notice_of_client")]
        constraints = [
            models.CheckConstraint(
                name="notice_ends_after_start", condition=models.Q(ends_at__gt=models.F("starts_at"))
            )
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def language(self) -> str:
        return self.line.language if self.line is not None else self.client.language

    @property
    def has_begun(self) -> bool:
        return self.starts_at <= clock.now()

    @property
    def is_over(self) -> bool:
        return self.ends_at <= clock.now()
