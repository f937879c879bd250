from collections.abc import Sequence
from urllib.parse import quote

from django.conf import settings

from answering.push.tickets import make_ticket


def stream_url(channels: Sequence[str]) -> str:
    """The address of a live stream of these channels, good for one minute to open it.

    Whoever calls this has checked that the user may listen to each of them.
    """
    ticket = make_ticket(channels, secret=str(settings.SECRET_KEY))
    return f"{settings.LIVE_URL}?ticket={quote(ticket)}"
