"""Whose clients the consultants are."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F

from answering.accounts.models import Agent
from clients.errors import ChangedMeanwhile
from clients.models import Client


def reassign_clients(clients: Sequence[int], *, giver: Agent, taker: Agent) -> int:
    """These clients of one consultant become another's, all or none; gives how many.

    Who takes over is no longer their substitute. Raises ChangedMeanwhile if one is not the giver's any more.
    """
    with transaction.atomic():
        rows = Client.objects.select_for_update(no_key=True).filter(pk__in=clients, consultant=giver)
        if len(rows.order_by("pk")) < len(set(clients)):
            raise ChangedMeanwhile
        mine = Client.objects.filter(pk__in=clients)
        mine.filter(substitute=taker).update(substitute=None)
        return mine.update(consultant=taker, revision=F("revision") + 1)
