"""What closing a client will do, told before it is done."""

from dataclasses import dataclass

from calls.models import Call
from clients.models import Client
from inquiries.models import Inquiry


@dataclass(frozen=True, slots=True)
class Consequences:
    lines: list[str]
    calls_now: int
    open_requests: int
    portal_users: int


def consequences_of_closing(client: Client) -> Consequences:
    """Four queries."""
    return Consequences(
        lines=list(client.lines.filter(is_active=True).order_by("name", "pk").values_list("name", flat=True)),
        calls_now=Call.objects.live().filter(client=client).count(),
        open_requests=Inquiry.objects.open().filter(client=client).count(),
        portal_users=client.memberships.filter(user__is_active=True).count(),
    )
