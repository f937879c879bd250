"""What lets a page speak for its call, and nothing else: a token that follows from the key of its attempt."""

import hmac
import uuid
from hashlib import sha256

from django.utils.crypto import salted_hmac

from calls.models import Call

_PURPOSE = "calls.carriers.browser.tokens"


def make_token(slug: str, key: str) -> str:
    """The token of an attempt on a line: the same for the same key, not to be guessed without SECRET_KEY."""
    return salted_hmac(_PURPOSE, f"token:{slug}:{key}", algorithm="sha256").hexdigest()


def event_key(slug: str, key: str) -> str:
    """The ledger's name of an attempt; tells neither its key nor its token."""
    return f"browser:{salted_hmac(_PURPOSE, f'event:{slug}:{key}', algorithm='sha256').hexdigest()}:inbound"


def hash_token(token: str) -> str:
    """What is stored of a token."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()


def hash_address(address: str) -> str:
    """What is stored of a network address: enough to count its calls."""
    return salted_hmac(_PURPOSE, f"address:{address}", algorithm="sha256").hexdigest()


def call_spoken_for(public_id: uuid.UUID, token: str) -> Call | None:
    """The call if this token is its own, compared in constant time; None otherwise. One query."""
    call = (
        Call.objects.select_related("browser", "line__client", "agent__user")
        .filter(public_id=public_id, browser__isnull=False)
        .first()
    )
    if call is None or not hmac.compare_digest(call.browser.token_hash, hash_token(token)):
        return None
    return call
