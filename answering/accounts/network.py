"""Where requests come from."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str | None:
    """The internet address of whoever asks, None if it cannot be told; IPv4 is written as such.

    With an https PUBLIC_URL a proxy of ours stands in front, and what it saw is last in `X-Forwarded-For`.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    if settings.IS_HTTPS:
        address = request.headers.get("X-Forwarded-For", address).rsplit(",", 1)[-1].strip()
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(parsed)
