"""Tokens with which a browser registers as a telephone (Twilio: "Access Tokens", Voice SDK)."""

from datetime import timedelta
from uuid import UUID

from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from answering.twilio.accounts import Account
from answering.twilio.errors import NotConfigured

LONGEST_LIFE = timedelta(hours=24)  # Twilio takes none that lives longer


def identity_of(user_public_id: UUID) -> str:
    """The client name of a user: letters, digits and underscores are all that Twilio allows in it."""
    return f"user_{user_public_id.hex}"


def voice_token(account: Account, identity: str, *, lifetime: timedelta = timedelta(hours=1)) -> str:
    """A JWT that lets a browser be called as `client:<identity>`, and call where the account has an application.

    It says no "not before": a clock a little ahead of Twilio's would make it invalid. Raises NotConfigured
    without an API key.
    """
    if not (account.api_key and account.api_secret):
        raise NotConfigured(f"Twilio account {account.name} has no API key, which tokens are signed with.")
    if not timedelta(0) < lifetime <= LONGEST_LIFE:
        raise ValueError("A token lives at most 24 hours.")
    grant = VoiceGrant(incoming_allow=True, outgoing_application_sid=account.application_sid or None)
    token = AccessToken(
        account.sid,
        account.api_key,
        account.api_secret,
        grants=[grant],
        identity=identity,
        nbf=None,
        ttl=int(lifetime.total_seconds()),
    )
    return str(token.to_jwt())
