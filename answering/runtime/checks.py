"""What is wrong with the settings together, said before anybody is harmed by it.

Single values are refused by their readers in `answering.settings`.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

SHORTEST_SECRET = 50
ICE_SCHEMES = ("stun:", "stuns:", "turn:", "turns:")


@register(Tags.security)
def check_settings(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """All that is wrong with the settings of this installation."""
    checks = [_schemes(), _live_path(), _ice_servers(), _twilio()]
    if not settings.DEBUG:
        checks += [_secret(), _hosts(), _mail()]
    return [message for found in checks for message in found]


def _schemes() -> Iterator[CheckMessage]:
    public, live = (urlsplit(url).scheme for url in (settings.PUBLIC_URL, settings.LIVE_URL))
    if public != live:
        yield Error(
            f"PUBLIC_URL is {public}, LIVE_URL is {live}.",
            hint="A browser opens no http stream from an https page: give both the same scheme.",
            id="answering.E001",
        )


def _secret() -> Iterator[CheckMessage]:
    if len(settings.SECRET_KEY) < SHORTEST_SECRET:
        yield Error(
            f"SECRET_KEY has {len(settings.SECRET_KEY)} characters.",
            hint="Sessions and tickets are signed with it. Make one: "
            "python -c 'import secrets; print(secrets.token_urlsafe(64))'",
            id="answering.E002",
        )


def _ice_servers() -> Iterator[CheckMessage]:
    servers = settings.ICE_SERVERS
    if not isinstance(servers, list) or not all(map(_is_ice_server, servers)):
        yield Error(
            "ICE_SERVERS is not a list of servers as browsers want them.",
            hint='For example [{"urls": "turn:turn.example:3478", "username": "alio", "credential": "…"}]; '
            "[] if callers and agents reach each other without.",
            id="answering.E003",
        )


def _is_ice_server(server: object) -> bool:
    """RTCIceServer of the W3C's WebRTC recommendation: urls, and for TURN a username and a credential."""
    if not isinstance(server, Mapping) or set(server) - {"urls", "username", "credential"}:
        return False
    urls = [server["urls"]] if isinstance(server.get("urls"), str) else server.get("urls")
    if not isinstance(urls, list) or not urls:
        return False
    if not all(isinstance(url, str) and url.startswith(ICE_SCHEMES) for url in urls):
        return False
    is_relay = any(url.startswith("turn") for url in urls)
    return not is_relay or all(isinstance(server.get(key), str) for key in ("username", "credential"))


def _live_path() -> Iterator[CheckMessage]:
    if not urlsplit(settings.LIVE_URL).path.endswith("/live/"):
        yield Error(
            f"LIVE_URL does not end in /live/: {settings.LIVE_URL}",
            hint="The event stream answers under /live/ only, for example https://alio.example/live/.",
            id="answering.E004",
        )


def _hosts() -> Iterator[CheckMessage]:
    if "*" in settings.ALLOWED_HOSTS or not any(settings.ALLOWED_HOSTS):
        yield Error(
            "ALLOWED_HOSTS does not say under which names Alio is reached.",
            hint="Name them, separated by commas: a forged Host header would otherwise end up in the links of mails.",
            id="answering.E005",
        )


def _mail() -> Iterator[CheckMessage]:
    if not os.environ.get("EMAIL_URL"):
        yield Error(
            "EMAIL_URL is not set: messages to clients would go to the mail sink of development.",
            hint="For example submission://user:password@mail.example.",
            id="answering.E006",
        )


def _twilio() -> Iterator[CheckMessage]:
    """Half an account is none: what is set would be silently unused."""
    has_account = bool(settings.TWILIO_ACCOUNT_SID and settings.TWILIO_AUTH_TOKEN)
    has_key = bool(settings.TWILIO_API_KEY and settings.TWILIO_API_SECRET)
    if bool(settings.TWILIO_ACCOUNT_SID) != bool(settings.TWILIO_AUTH_TOKEN):
        yield Error(
            "Of TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN only one is set.",
            hint="Set both (Twilio's console shows them side by side), or neither.",
            id="answering.E007",
        )
    if bool(settings.TWILIO_API_KEY) != bool(settings.TWILIO_API_SECRET):
        yield Error(
            "Of TWILIO_API_KEY and TWILIO_API_SECRET only one is set.",
            hint="Twilio shows a key's secret once, when it is made: make a new key if it is lost.",
            id="answering.E008",
        )
    if (has_key and not has_account) or (settings.TWILIO_APPLICATION_SID and not has_key):
        yield Error(
            "A part of Twilio's settings is set without those that it needs.",
            hint="TWILIO_API_KEY needs TWILIO_ACCOUNT_SID; TWILIO_APPLICATION_SID needs TWILIO_API_KEY.",
            id="answering.E009",
        )
