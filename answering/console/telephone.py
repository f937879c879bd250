"""The agent's page as a telephone: which Twilio accounts' calls may come to it, and what it needs for them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage

from answering.accounts.models import Agent
from answering.twilio.accounts import Account, all_accounts
from answering.twilio.tokens import identity_of, voice_token
from clients.models import Line

SDK = "voice-sdk/twilio.min.js"
TOKEN_LIFETIME = timedelta(hours=1)

# Where the SDK goes ("Content Security Policy" in its README): signalling, at first by the nearest edge, in a call by
# the edge that has it; what it reports to Voice Insights, by the account's region; its sounds, which stay silent.
_EDGES = ("roaming", "ashburn", "dublin", "frankfurt", "sao-paulo", "singapore", "sydney", "tokyo", "umatilla")
_REGIONS = ("", "us1.", "ie1.", "au1.")
SDK_SOURCES = {
    "connect-src": [
        *(f"wss://voice-js.{edge}.twilio.com" for edge in _EDGES),
        *(f"https://eventgw.{region}twilio.com" for region in _REGIONS),
        "https://sdk.twilio.com",
    ],
    "media-src": ["mediastream:", "https://sdk.twilio.com"],
}


@dataclass(frozen=True, slots=True)
class Telephone:
    """What the page is told of it. `sdk` is the SDK's static file; empty where it is not installed."""

    sdk: str


@dataclass(frozen=True, slots=True)
class VoiceToken:
    """With which the page registers at one account."""

    account: str
    identity: str
    token: str
    expires_in: int


def telephone_of(agent: Agent) -> Telephone | None:
    """None for an agent whose clients have no number at Twilio; at most two queries."""
    if not _accounts_of(agent):
        return None
    return Telephone(SDK if sdk_is_installed() else "")


def has_become_telephone(agent: Agent) -> bool:
    """Whether a page that was opened without a telephone would have one now; no query where there is no account."""
    return bool(_accounts_of(agent))


def sdk_is_installed() -> bool:
    """Whether Twilio's Voice SDK is among the static files that are served."""
    collected = getattr(staticfiles_storage, "hashed_files", None)  # in production
    return finders.find(SDK) is not None if collected is None else SDK in collected


def voice_tokens(agent: Agent) -> list[VoiceToken]:
    """One for each account whose calls may come to this agent; none for accounts without an API key."""
    return list(_tokens(agent))


def _tokens(agent: Agent) -> Iterator[VoiceToken]:
    identity = identity_of(agent.user.public_id)
    for account in _accounts_of(agent):
        if account.api_key and account.api_secret:
            token = voice_token(account, identity, lifetime=TOKEN_LIFETIME)
            yield VoiceToken(account.sid, identity, token, int(TOKEN_LIFETIME.total_seconds()))


def _accounts_of(agent: Agent) -> list[Account]:
    accounts = all_accounts()
    if not accounts:
        return []
    numbered = Line.objects.answered().filter(number__isnull=False)
    cleared = numbered.filter(client_id__in=agent.clearances.values("client_id"))
    rows = set(cleared.values_list("twilio_account_id", flat=True).distinct())
    return [account for account in accounts if account.row_id in rows]
