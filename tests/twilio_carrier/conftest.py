"""The house behind telephone numbers: its pages run, a small Twilio on loopback calls them and is called by them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from calls.services import order_runner
from tests.calls.conftest import clock
from tests.cast import House
from tests.twilio.fixtures import account, subscriber, twilio
from tests.twilio.standin import StandIn
from tests.twilio.state import Subscriber
from tests.twilio_carrier.telephone import NUMBER, Telephone

__all__ = ["account", "clock", "subscriber", "twilio"]


@pytest.fixture(autouse=True)
def spool(settings: Settings, tmp_path: Path) -> Path:
    """A spool of the test's own."""
    settings.SPOOL_DIR = tmp_path / "spool"
    return tmp_path / "spool"


@pytest.fixture
def numbered(house: House, twilio: StandIn, subscriber: Subscriber, settings: Settings) -> House:
    """A house with a telephone number, reached without a running server."""
    settings.PUBLIC_URL = "https://alio.example"
    house.line.number = NUMBER
    house.line.save()
    return house


@pytest.fixture(scope="session")
def pages() -> Iterator[LiveServer]:
    """A server of our own: that of the browser's tests is shut between them."""
    server = LiveServer("localhost")
    yield server
    server.stop()


@pytest.fixture
def telephone(
    live_house: House, twilio: StandIn, subscriber: Subscriber, pages: LiveServer, settings: Settings
) -> Iterator[Telephone]:
    """The same with a server that Twilio's webhooks come to; what was ordered of Twilio is done when it is asked."""
    settings.PUBLIC_URL = "https://alio.example"
    live_house.line.number = NUMBER
    live_house.line.save()
    base = "https://alio.example/carriers/twilio"
    twilio.exchange.add_number(
        subscriber, NUMBER, voice_url=f"{base}/voice", status_callback=f"{base}/status", sms_url=f"{base}/message"
    )
    yield Telephone(live_house, twilio, subscriber, pages.url)
    assert order_runner.flush(20)
