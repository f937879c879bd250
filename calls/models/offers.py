from django.db import models
from django.utils.translation import gettext_lazy as _

from answering.accounts.models import Agent
from answering.lib import clock
from calls.models.call import Call
from calls.querysets import CallOfferQuerySet


class OfferOutcome(models.TextChoices):
    OPEN = "open", _("offered")
    CLAIMED = "claimed", _("taken")
    DECLINED = "declined", _("declined")
    TAKEN_BY_OTHER = "taken_by_other", _("taken by another agent")
    LOST = "lost", _("the agent was not there")
    WITHDRAWN = "withdrawn", _("the call was over")


class CallOffer(models.Model):
    """A call shown to one agent; several may be open at once, one claim wins."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="offers")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="offers")
    offered_at = models.DateTimeField(default=clock.now)
    outcome = models.CharField(max_length=16, choices=OfferOutcome, default=OfferOutcome.OPEN)
    closed_at = models.DateTimeField(null=True)

    objects = CallOfferQuerySet.as_manager()

    class Meta:
        constraints = [
            # The agent first: routing counts what is open to each.
            models.UniqueConstraint(
                fields=["agent", "call"], condition=models.Q(outcome="open"), name="one_open_offer_per_agent"
            )
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.outcome}"
