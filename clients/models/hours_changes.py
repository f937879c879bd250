"""What deadlines were computed with has changed: rows that triggers write, whoever changes it, and sweeps take."""

from django.db import models

from answering.lib import clock
from clients.models.calendars import Calendar
from clients.models.companies import Client


class HoursChange(models.Model):
    """A calendar by which somebody answers has other hours, or a client has another calendar or reply target.

    It is taken away once what hangs on it is computed anew. A change that comes meanwhile waits, and is a row again.
    """

    calendar = models.OneToOneField(
        Calendar, null=True, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    client = models.OneToOneField(Client, null=True, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    changed_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="hours_change_of_one",
                condition=models.Q(calendar=None, client__isnull=False) | models.Q(calendar__isnull=False, client=None),
            )
        ]

    def __str__(self) -> str:
        return f"calendar {self.calendar_id}" if self.calendar_id else f"client {self.client_id}"

    def clients(self) -> models.QuerySet[Client]:
        """Those whose requests are answered by what has changed."""
        if self.client_id is not None:
            return Client.objects.filter(pk=self.client_id)
        by_calendar = models.Q(calendar=self.calendar_id) | models.Q(provider__calendar=self.calendar_id)
        return Client.objects.filter(by_calendar)
