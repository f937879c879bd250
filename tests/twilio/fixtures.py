"""Import these into the conftest of tests that need a Twilio: `twilio` alone, or with the own account set up."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from answering.twilio.accounts import Account, own_account
from tests.twilio.standin import StandIn
from tests.twilio.state import Subscriber


@pytest.fixture
def twilio(settings: Settings) -> Iterator[StandIn]:
    with StandIn() as standin:
        settings.TWILIO_API_BASE = standin.url
        yield standin


@pytest.fixture
def subscriber(twilio: StandIn, settings: Settings) -> Subscriber:
    """The installation's own account at the stand-in."""
    found = twilio.exchange.add_account()
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = found.sid, found.auth_token
    settings.TWILIO_API_KEY, settings.TWILIO_API_SECRET = found.api_key, found.api_secret
    return found


@pytest.fixture
def account(subscriber: Subscriber) -> Account:
    found = own_account()
    assert found is not None
    return found
