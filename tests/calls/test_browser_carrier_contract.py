import json
from collections import deque

import pytest

from answering.push import hints
from calls.carriers.browser.carrier import BrowserCarrier
from calls.models import Call
from tests.calls.carrier_contract import CarrierContract
from tests.cast import House, ring


class Catcher:
    """Stands where hints are published."""

    def __init__(self) -> None:
        self.hints: deque[tuple[str, str]] = deque()

    def put(self, channel: str, message: str) -> None:
        """Keep the channel and what the hint is about."""
        self.hints.append((channel, json.loads(message)["kind"]))


class TestBrowserCarrier(CarrierContract):
    """Its network are two pages, which are told by hints to read the call again."""

    carrier = BrowserCarrier()

    @pytest.fixture(autouse=True)
    def network(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Catch hints instead of publishing them."""
        self.catcher = Catcher()
        monkeypatch.setattr(hints, "_publisher", lambda redis_url: self.catcher)

    def new_call(self, house: House) -> Call:
        """Somebody presses the button."""
        return ring(house.line)

    def sent(self) -> list[object]:
        """The hints since the last question."""
        sent: list[object] = list(self.catcher.hints)
        self.catcher.hints.clear()
        return sent

    def effect_of(self, sent: list[object]) -> object:
        """Which pages read what again; once or twice is the same."""
        assert sent, "no page was told"
        return set(sent)
