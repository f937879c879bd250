"""A request and the promise to answer it."""

import uuid

from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from answering.accounts.models import Agent, Language
from answering.lib import clock
from answering.lib.text import search_key
from calls.models import Call, TextMessage
from clients.models import Client, Contact
from inquiries.querysets import InquiryQuerySet

TEXT_LIMIT = 10_000
NAME_LIMIT = 200
NUMBER_LIMIT = 32
NOTE_LIMIT = 500


class InquiryKind(models.TextChoices):
    MESSAGE = "message", _("message")
    CALLBACK = "callback", _("call-back")


class Urgency(models.TextChoices):
    NORMAL = "normal", _("normal")
    URGENT = "urgent", _("urgent")


class InquiryState(models.TextChoices):
    OPEN = "open", _("open")
    ANSWERED = "answered", _("answered")


class Inquiry(models.Model):
    """Somebody asked; a reply is owed by `due_at`.

    A message is owed by the client company, on its calendar; a call-back by the service,
    on the provider's.
    """

    public_id = models.UUIDField(default=clock.uuid7, unique=True, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="inquiries")
    call = models.ForeignKey(Call, null=True, on_delete=models.PROTECT, related_name="inquiries")
    text_message = models.OneToOneField(
        TextMessage, null=True, on_delete=models.PROTECT, related_name="inquiry", help_text=_("The SMS it came by.")
    )
    kind = models.CharField(max_length=12, choices=InquiryKind)
    state = models.CharField(max_length=12, choices=InquiryState, default=InquiryState.OPEN)
    urgency = models.CharField(max_length=8, choices=Urgency, default=Urgency.NORMAL)
    contact = models.ForeignKey(
        Contact, null=True, on_delete=models.PROTECT, related_name="inquiries", help_text=_("Whom the message is for.")
    )
    taken_by = models.ForeignKey(Agent, null=True, on_delete=models.PROTECT, related_name="+")
    caller_name = models.CharField(max_length=NAME_LIMIT, blank=True)
    caller_number = models.CharField(max_length=NUMBER_LIMIT, blank=True)
    language = models.CharField(max_length=5, choices=Language)
    text = models.TextField(blank=True)
    search_key = models.TextField(editable=False)
    received_at = models.DateTimeField(default=clock.now)
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Agent, null=True, on_delete=models.PROTECT, related_name="+")
    answer_note = models.CharField(max_length=NOTE_LIMIT, blank=True)
    form_key = models.UUIDField(
        null=True, unique=True, help_text=_("The form it was taken with; sent twice, it is still one request.")
    )

    objects = InquiryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "inquiries"
        indexes = [
            models.Index(fields=["due_at", "id"], condition=models.Q(state="open"), name="inquiry_open_by_due"),
            models.Index(fields=["client", "-received_at"], name="inquiry_of_client_by_time"),
        ]
        constraints = [
            models.CheckConstraint(
                name="inquiry_text_within_limit", condition=LessThanOrEqual(Length("text"), TEXT_LIMIT)
            ),
            models.UniqueConstraint(
                fields=["call"], condition=models.Q(kind="callback"), name="one_call_back_per_call"
            ),
            models.CheckConstraint(
                name="inquiry_answered_has_time",
                condition=models.Q(state="open", answered_at__isnull=True)
                | models.Q(state="answered", answered_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.caller_name or self.caller_number}"

    def save(self, *args: object, **kwargs: object) -> None:
        self.search_key = search_key(f"{self.caller_name} {self.text}")
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class DeadlineReason(models.TextChoices):
    HOURS = "hours", _("the hours of a calendar were changed")
    TERMS = "terms", _("another calendar or reply target holds")


class DeadlineChange(models.Model):
    """A deadline has moved, and why; the newest is last."""

    inquiry = models.ForeignKey(Inquiry, on_delete=models.CASCADE, related_name="deadline_changes")
    reason = models.CharField(max_length=8, choices=DeadlineReason)
    was_due_at = models.DateTimeField()
    due_at = models.DateTimeField()
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["changed_at", "id"]

    def __str__(self) -> str:
        return f"{self.was_due_at} → {self.due_at}"


class MessageDraft(models.Model):
    """The message form as it stands while the agent types; survives page, browser and server."""

    call = models.OneToOneField(Call, on_delete=models.CASCADE, related_name="draft")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="drafts")
    form_key = models.UUIDField(default=uuid.uuid4, help_text=_("Names this form until it is sent."))
    revision = models.PositiveIntegerField(
        default=0, help_text=_("Given by the page; an older one never replaces a newer.")
    )
    caller_name = models.CharField(max_length=NAME_LIMIT, blank=True)
    caller_number = models.CharField(max_length=NUMBER_LIMIT, blank=True)
    text = models.TextField(blank=True)
    urgency = models.CharField(max_length=8, choices=Urgency, default=Urgency.NORMAL)
    contact = models.ForeignKey(Contact, null=True, on_delete=models.SET_NULL, related_name="+")
    saved_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"draft of {self.call_id}"
