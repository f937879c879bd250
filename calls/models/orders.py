"""What a carrier's network is still to be told of a call."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from answering.accounts.models import Agent
from answering.lib import clock
from calls.models.call import Call


class Order(models.TextChoices):
    CONNECT_AGENT = "connect_agent", _("bring the agent's audio")
    HANG_UP_AGENT = "hang_up_agent", _("drop the agent's audio")
    HOLD = "hold", _("let the caller hear music")
    RESUME = "resume", _("bring agent and caller together")
    END = "end", _("end the caller's leg")
    APOLOGISE = "apologise", _("apologise to the caller and end")


class OrderOutcome(models.TextChoices):
    DUE = "due", _("to be carried out")
    DONE = "done", _("carried out")
    OUTDATED = "outdated", _("no longer wanted")
    REFUSED = "refused", _("refused by the network")
    GIVEN_UP = "given_up", _("given up")


class CarrierOrderQuerySet(models.QuerySet["CarrierOrder"]):
    def due(self, moment: datetime) -> "CarrierOrderQuerySet":
        """Orders whose next attempt has come, and which nobody is carrying out."""
        return self.filter(outcome=OrderOutcome.DUE, next_attempt_at__lte=moment)

    def leased(self, moment: datetime) -> "CarrierOrderQuerySet":
        """Orders that somebody is carrying out just now."""
        return self.filter(outcome=OrderOutcome.DUE, leased_until__gt=moment)


class CarrierOrder(models.Model):
    """One order to a carrier that keeps its orders; written with its cause, tried until carried out or outdated.

    The orders of a call are carried out one at a time, in order of their keys.
    """

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="orders")
    order = models.CharField(max_length=16, choices=Order)
    agent = models.ForeignKey(Agent, null=True, on_delete=models.CASCADE, related_name="+")
    generation = models.PositiveIntegerField()
    given_at = models.DateTimeField(default=clock.now)
    outcome = models.CharField(max_length=10, choices=OrderOutcome, default=OrderOutcome.DUE)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=clock.now)
    leased_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)

    objects = CarrierOrderQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=models.Q(outcome="due"), name="carrier_order_due"),
            models.Index(fields=["call", "id"], name="carrier_order_of_call"),
        ]
        constraints = [
            models.CheckConstraint(
                name="carrier_order_finished_has_time",
                condition=models.Q(outcome="due", finished_at__isnull=True)
                | (~models.Q(outcome="due") & models.Q(finished_at__isnull=False)),
            )
        ]

    def __str__(self) -> str:
        return f"{self.order} {self.generation} of {self.call_id}"
