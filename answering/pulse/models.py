from django.db import models


class ServicePulse(models.Model):
    """The last sign of life of one part of the service; the clock is the database's.

    A part that runs as several processes has one row: it is away only when all of them are.
    """

    name = models.CharField(max_length=40, unique=True)
    pulsed_at = models.DateTimeField()
    started_at = models.DateTimeField(help_text="Since when the pulses have come without a gap.")
    resumed_at = models.DateTimeField(null=True, help_text="End of the last gap; empty if there never was one.")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
