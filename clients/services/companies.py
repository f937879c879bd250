"""The end of a contract, and its return."""

from django.db.models import F

from answering.lib import clock
from clients.models import Client


def close_client(client_id: int) -> None:
    """From now on none of its lines is answered and nobody sees its portal; every record stays.

    Calls that are running go on. Closed already, it stays closed since then.
    """
    Client.objects.filter(pk=client_id, closed_at=None).update(closed_at=clock.now(), revision=F("revision") + 1)


def reopen_client(client_id: int) -> None:
    """Undo `close_client`: the lines that were in use are answered again."""
    Client.objects.filter(pk=client_id).exclude(closed_at=None).update(closed_at=None, revision=F("revision") + 1)
