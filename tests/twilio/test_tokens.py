"""What a browser gets to be a telephone with, read as Twilio reads it."""

import re
import time
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import jwt
import pytest

from answering.twilio.accounts import Account
from answering.twilio.errors import NotConfigured
from answering.twilio.tokens import identity_of, voice_token

ACCOUNT = Account("test", "AC" + "1" * 32, "t" * 32, "SK" + "2" * 32, "s" * 32, "AP" + "3" * 32)


def read(token: str, secret: str = ACCOUNT.api_secret) -> dict[str, Any]:
    return jwt.decode(token, secret, algorithms=["HS256"])


def test_a_token_lets_one_identity_be_called_and_call() -> None:
    begins = int(time.time())
    token = voice_token(ACCOUNT, "user_1")
    payload = read(token)
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT", "cty": "twilio-fpa;v=1"}
    assert (payload["iss"], payload["sub"]) == (ACCOUNT.api_key, ACCOUNT.sid)
    assert payload["grants"] == {
        "identity": "user_1",
        "voice": {"incoming": {"allow": True}, "outgoing": {"application_sid": ACCOUNT.application_sid}},
    }
    assert begins + 3600 <= payload["exp"] <= int(time.time()) + 3600
    assert "nbf" not in payload, "a clock ahead of Twilio's would make it invalid"


def test_without_an_application_a_browser_can_only_be_called() -> None:
    payload = read(voice_token(replace(ACCOUNT, application_sid=""), "user_1"))
    assert payload["grants"]["voice"] == {"incoming": {"allow": True}}


def test_another_secret_does_not_open_it() -> None:
    with pytest.raises(jwt.InvalidSignatureError):
        read(voice_token(ACCOUNT, "user_1"), "x" * 32)


@pytest.mark.parametrize("account", [replace(ACCOUNT, api_key=""), replace(ACCOUNT, api_secret="")])
def test_without_a_key_there_is_no_token(account: Account) -> None:
    with pytest.raises(NotConfigured):
        voice_token(account, "user_1")


@pytest.mark.parametrize("lifetime", [timedelta(0), timedelta(seconds=-1), timedelta(hours=24, seconds=1)])
def test_a_token_lives_no_longer_than_twilio_allows(lifetime: timedelta) -> None:
    with pytest.raises(ValueError, match="24 hours"):
        voice_token(ACCOUNT, "user_1", lifetime=lifetime)


def test_an_identity_has_letters_digits_and_underscores_only() -> None:
    first, second = identity_of(uuid.uuid4()), identity_of(uuid.uuid4())
    assert re.fullmatch(r"[a-z0-9_]{1,121}", first)
    assert first != second
