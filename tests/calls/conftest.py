from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from answering.lib import clock as real_clock
from calls.carriers import registry
from tests.calls.spy import SpyCarrier

Commits = Callable[[], AbstractContextManager[Any]]


class Clock:
    """The present moment as a test sets it; starts in the middle of a second."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 20, 12, 0, 0, 250_000, tzinfo=UTC)

    def now(self) -> datetime:
        """What `answering.lib.clock.now` gives."""
        return self.moment

    def forward(self, seconds: float) -> datetime:
        """Let time pass, or go back with negative seconds; gives the new moment."""
        self.moment += timedelta(seconds=seconds)
        return self.moment


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    controlled = Clock()
    monkeypatch.setattr(real_clock, "now", controlled.now)
    return controlled


@pytest.fixture
def spy() -> Iterator[SpyCarrier]:
    """A carrier that writes down its orders, registered as "spy" for one test."""
    carrier = SpyCarrier()
    registry.register_carrier(carrier)
    yield carrier
    registry._carriers.pop(carrier.name)


@pytest.fixture
def commits(django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[Any]]) -> Commits:
    """What follows a commit also follows inside a test's own transaction: `with commits(): …`."""
    return lambda: django_capture_on_commit_callbacks(execute=True)
