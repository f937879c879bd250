"""How many calls one connection may make and one line may keep waiting."""

import ipaddress
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.http import HttpRequest

from answering.accounts.network import client_ip
from answering.lib import clock
from calls.errors import LineBusy, TooManyCalls
from calls.models import BrowserCall, Call
from clients.models import Line

ADDRESS_WINDOW = timedelta(minutes=10)
_LOCK_CLASS = 7_301  # of PostgreSQL's advisory locks: calls of one address


def client_address(request: HttpRequest) -> str:
    """Whose calls these count as: an IPv6 address is cut to its /64, since one subscriber has at least that."""
    address = client_ip(request)
    if address is None:
        return "unknown"
    if ":" not in address:
        return address
    return str(ipaddress.ip_network((address, 64), strict=False))


def check_limits(line: Line, address_hash: str) -> None:
    """Raise TooManyCalls or LineBusy if one call more would be too many. Two queries, no lock."""
    recent = BrowserCall.objects.filter(address_hash=address_hash, created_at__gt=clock.now() - ADDRESS_WINDOW)
    if recent.count() >= settings.CALLS_PER_ADDRESS:
        raise TooManyCalls
    if Call.objects.waiting().filter(line=line).count() >= settings.WAITING_PER_LINE:
        raise LineBusy


def hold_limits(line: Line, address_hash: str) -> None:
    """Let nobody else of this address or on this line pass until the end of the transaction.

    Always in this order, so that two attempts never wait for each other.
    """
    with connection.cursor() as cursor:
        number = int.from_bytes(bytes.fromhex(address_hash[:8]), signed=True)
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, number])
    Line.objects.select_for_update(no_key=True).only("pk").get(pk=line.pk)
