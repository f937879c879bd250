from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Tags, Warning, register

from answering.console.telephone import sdk_is_installed
from answering.twilio.accounts import all_accounts, own_account


@register()
def check_voice_sdk(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Without the SDK, calls from numbers ring at consoles that cannot answer them."""
    return [] if own_account() is None or sdk_is_installed() else [_missing()]


@register(Tags.database)
def check_voice_sdk_of_rows(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """The same where accounts stand in the database only."""
    if not databases or own_account() is not None or sdk_is_installed():
        return []
    return [_missing()] if all_accounts() else []


def _missing() -> CheckMessage:
    return Warning(
        "Twilio is configured, but its Voice SDK is not installed: no agent can answer calls from numbers.",
        hint="Run `make twilio-sdk`; in production collect the static files after it (`manage.py collectstatic`).",
        id="console.W001",
    )
