"""Signed, short-lived permission to listen to some channels; needs nothing but the standard library.

A ticket is `<payload>.<signature>`, both base64url without padding. The payload is JSON: channels and
the second at which it expires. It is not secret, and it names ids only.
"""

import hmac
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256

from answering.push.errors import TicketExpired, TicketInvalid

MAX_TICKET_LENGTH = 4096
MAX_CHANNELS = 32

_CHANNEL = re.compile(r"[a-z]{1,16}(:[A-Za-z0-9-]{1,64})?")
_PURPOSE = b"answering.push.tickets.v1"


def make_ticket(
    channels: Sequence[str], *, secret: str, now: datetime | None = None, lifetime_seconds: int = 60
) -> str:
    """A ticket for these channels, good for opening streams until its lifetime is over.

    Raises ValueError for no, too many or misspelt channels: that is a mistake of ours, not of the browser's.
    """
    if not 0 < len(channels) <= MAX_CHANNELS:
        raise ValueError(f"A ticket is for 1 to {MAX_CHANNELS} channels, not {len(channels)}.")
    for channel in channels:
        if not _CHANNEL.fullmatch(channel):
            raise ValueError(f"Not a channel name: {channel!r}")
    expires_at = int((now or datetime.now(UTC)).timestamp()) + lifetime_seconds
    payload = json.dumps({"c": list(channels), "e": expires_at}, separators=(",", ":")).encode()
    return f"{_encode(payload)}.{_encode(_sign(payload, secret))}"


def read_ticket(ticket: str, *, secret: str, now: datetime) -> tuple[str, ...]:
    """The channels that a ticket opens.

    Raises TicketInvalid for anything that we did not sign, TicketExpired from the second of its expiry on.
    """
    if len(ticket) > MAX_TICKET_LENGTH:
        raise TicketInvalid("The ticket is too long.")
    encoded, dot, signature = ticket.partition(".")
    if not dot:
        raise TicketInvalid("The ticket has no signature.")
    payload = _decode(encoded)
    if not hmac.compare_digest(_decode(signature), _sign(payload, secret)):
        raise TicketInvalid("The signature does not match.")
    content = json.loads(payload)
    if now.timestamp() >= content["e"]:
        raise TicketExpired("The ticket has expired.")
    return tuple(content["c"])


@lru_cache(maxsize=4)
def _key(secret: str) -> bytes:
    """A key for tickets only, so that nothing else signed with the secret passes for one."""
    return hmac.digest(secret.encode(), _PURPOSE, sha256)


def _sign(payload: bytes, secret: str) -> bytes:
    return hmac.digest(_key(secret), payload, sha256)


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError as error:  # also binascii.Error and UnicodeEncodeError
        raise TicketInvalid("The ticket is not base64.") from error
