"""Agree on a way of working with a client; what was agreed before stays."""

from django.db import transaction
from django.db.models import Max

from answering.accounts.models import User
from clients.errors import ChangedMeanwhile, NotVip
from clients.models import Client, Plan, WayOfWorking


def agree_on_way(way: WayOfWorking, *, seen: int, by: User) -> WayOfWorking:
    """Store the next version of a client's way of working; `seen` is the number of the one it was written from, or 0.

    Raises ChangedMeanwhile when somebody has stored a version since, NotVip when the client is none any more.
    """
    with transaction.atomic():
        client = Client.objects.select_for_update(no_key=True).get(pk=way.client_id)
        if client.plan != Plan.VIP or client.closed_at is not None:
            raise NotVip
        if (client.ways.aggregate(Max("number"))["number__max"] or 0) != seen:
            raise ChangedMeanwhile
        way.number, way.written_by = seen + 1, by
        way.save(force_insert=True)
        return way
