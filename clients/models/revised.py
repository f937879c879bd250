"""Rows that two people may edit at once."""

from django.db import models


class Revised(models.Model):
    """Counts how often it was saved at the desk, so that a second editor cannot overwrite the first unawares."""

    revision = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True
