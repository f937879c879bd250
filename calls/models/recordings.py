from django.db import models

from answering.lib import clock
from calls.models.call import Call


class CallRecording(models.Model):
    """A recording that lies with the carrier, as it was reported: where, and how long."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="recordings")
    carrier_event_key = models.CharField(max_length=120, unique=True)
    location = models.URLField(max_length=500)
    seconds = models.PositiveIntegerField()
    recorded_at = models.DateTimeField()
    received_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.seconds} s of {self.call_id}"
