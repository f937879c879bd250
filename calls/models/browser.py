"""What only the browser carrier needs: the caller's token, both sides' signs of life, media descriptions."""

from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from answering.lib import clock
from calls.models.call import Call

SILENCE_LIMIT = timedelta(seconds=15)
LEAVING_LIMIT = timedelta(seconds=5)


class Party(models.TextChoices):
    CALLER = "caller", _("caller")
    AGENT = "agent", _("agent")


class BrowserCall(models.Model):
    """The caller's page: who may speak for it, and from where it came (hashed)."""

    call = models.OneToOneField(Call, on_delete=models.CASCADE, related_name="browser")
    token_hash = models.CharField(max_length=64, unique=True)
    address_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["address_hash", "created_at"], name="browser_call_by_address")]

    def __str__(self) -> str:
        return str(self.call_id)


class CallLeg(models.Model):
    """The last sign of life of one side. `generation` is the audio it reports on."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="legs")
    party = models.CharField(max_length=8, choices=Party)
    generation = models.PositiveIntegerField(default=0)
    packets_received = models.PositiveBigIntegerField(default=0)
    heartbeat_at = models.DateTimeField()
    leaving_at = models.DateTimeField(null=True, help_text=_("The page said that it is being closed or reloaded."))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["call", "party"], name="one_leg_per_party")]

    def __str__(self) -> str:
        return f"{self.party} of {self.call_id}"

    def hears(self, generation: int) -> bool:
        """Whether this side reports audio of that generation."""
        return self.generation == generation and self.packets_received > 0

    def gone_from(self, resumed_at: datetime | None) -> datetime:
        """When this side counts as gone: 15 s after its last sign, or our own return; 5 s once it said goodbye."""
        heard = max(self.heartbeat_at, resumed_at) if resumed_at else self.heartbeat_at
        return min(heard + SILENCE_LIMIT, self.leaving_at + LEAVING_LIMIT) if self.leaving_at else heard + SILENCE_LIMIT


class MediaExchange(models.Model):
    """One offer and one answer per generation (RFC 8829, non-trickle)."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="media")
    generation = models.PositiveIntegerField()
    offer_sdp = models.TextField()
    answer_sdp = models.TextField(blank=True)
    offered_at = models.DateTimeField(default=clock.now)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["call", "generation"], name="one_exchange_per_generation")]

    def __str__(self) -> str:
        return f"{self.call_id}/{self.generation}"
