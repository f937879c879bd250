"""What must reach somebody outside: a row, written with its cause, sent by workers."""

from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from answering.lib import clock

# As long as mail servers try: four to five days in all (RFC 5321 §4.5.4.1), which outlasts a weekend.
RETRY_AFTER = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
    timedelta(hours=24),
    timedelta(hours=24),
)


class Channel(models.TextChoices):
    EMAIL = "email", _("e-mail")
    SMS = "sms", _("SMS")


class DeliveryState(models.TextChoices):
    DUE = "due", _("waiting to be sent")
    SENT = "sent", _("sent")
    DELIVERED = "delivered", _("delivered")
    DEAD = "dead", _("given up")


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, moment: datetime) -> "DeliveryQuerySet":
        """Deliveries whose next attempt has come."""
        return self.filter(state=DeliveryState.DUE, next_attempt_at__lte=moment)


class Delivery(models.Model):
    """One message to one address, kept until it is delivered or dead.

    `attempts` counts those that may have reached the recipient: more than one may have come twice, an e-mail
    with the same Message-ID. An e-mail ends as sent, an SMS as delivered where the network tells so; `external_id`
    is Twilio's SID of the last one handed over, `sender` and `account` say from which number.
    """

    public_id = models.UUIDField(default=clock.uuid7, unique=True, editable=False)
    cause = models.CharField(
        max_length=120, unique=True, help_text=_("What it is for, e.g. inquiry:12:contact:3; never twice.")
    )
    channel = models.CharField(max_length=8, choices=Channel, default=Channel.EMAIL)
    recipient = models.CharField(max_length=254)
    language = models.CharField(max_length=5)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    reply_to = models.CharField(max_length=254, blank=True)
    sender = models.CharField(max_length=20, blank=True)
    account = models.ForeignKey(
        "twilio.TwilioAccount",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text=_("Of an SMS; empty for the installation's own."),
    )
    external_id = models.CharField(max_length=34, blank=True)
    state = models.CharField(max_length=12, choices=DeliveryState, default=DeliveryState.DUE)
    attempts = models.PositiveSmallIntegerField(default=0)
    attempts_since = models.DateTimeField(default=clock.now, help_text=_("Set anew when somebody tries again."))
    next_attempt_at = models.DateTimeField(default=clock.now)
    last_error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(
                fields=["channel", "next_attempt_at"], condition=models.Q(state="due"), name="delivery_due_on_channel"
            ),
            models.Index(fields=["account"], condition=models.Q(account__isnull=False), name="delivery_of_account"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"], condition=~models.Q(external_id=""), name="delivery_external_id_once"
            ),
            models.CheckConstraint(
                name="delivery_sent_has_time", condition=~models.Q(state="sent") | models.Q(sent_at__isnull=False)
            ),
            models.CheckConstraint(
                name="delivery_delivered_has_time",
                condition=~models.Q(state="delivered") | models.Q(delivered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="delivery_sms_has_sender", condition=~models.Q(channel="sms") | ~models.Q(sender="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} → {self.recipient}: {self.subject or self.body[:40]}"

    @property
    def message_id(self) -> str:
        """RFC 5322 Message-ID, the same at every attempt, so that a repeat can be recognised."""
        return f"<{self.public_id}@alio>"


class Receipt(models.Model):
    """What the network has said of one SMS, by Twilio's SID: it may be told before we know whose it is."""

    external_id = models.CharField(max_length=34, unique=True)
    status = models.CharField(max_length=20, blank=True)
    error_code = models.CharField(max_length=12, blank=True)
    changed_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.external_id}: {self.status}"
