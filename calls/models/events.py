from django.db import models

from answering.accounts.models import Agent
from answering.lib import clock
from calls.models.call import Call
from calls.querysets import CallEventQuerySet
from calls.states import EventKind


class CallEvent(models.Model):
    """One fact about a call; append-only, kept by a trigger. No names, numbers or payloads."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="events", db_index=False)
    kind = models.CharField(max_length=20, choices=EventKind)
    agent = models.ForeignKey(Agent, null=True, on_delete=models.PROTECT, related_name="+")
    generation = models.PositiveIntegerField(null=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(default=clock.now)
    sequence = models.IntegerField(default=0)
    carrier_event_key = models.CharField(max_length=120)

    objects = CallEventQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["call", "occurred_at", "sequence", "id"], name="event_in_ledger_order")]
        # As a field's own `unique` it would have a second index, for LIKE, which nobody asks.
        constraints = [models.UniqueConstraint(fields=["carrier_event_key"], name="event_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.occurred_at:%H:%M:%S}"
