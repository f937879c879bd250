"""Who calls. A carrier is a `CallerKind`: it makes people who come in its way and keep the same record."""

import asyncio
from dataclasses import dataclass
from random import Random
from typing import Protocol

from bench.soak.records import CallerRecord

NEVER = float("inf")


class Person(Protocol):
    """A caller, from the wish to call to the end of what follows."""

    record: CallerRecord

    async def live(self, closing: asyncio.Event) -> None:
        """Call and go; once `closing` is set, soon."""


class CallerKind(Protocol):
    """How the callers of one carrier come in."""

    def person(self, dice: Random) -> Person:
        """Somebody about to call, who does what these dice throw."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What one caller is going to do; in seconds."""

    waits: float
    talks: float
    reloads_after: float
    vanishes_after: float
    returns_after: float  # of the vanishing
    says_goodbye: bool
    reports_late: float
    leaves_number: bool

    @classmethod
    def thrown(cls, dice: Random) -> "Plan":
        """Most wait for an answer and talk; some lose patience, reload, or are gone in the middle."""
        return cls(
            waits=dice.uniform(0.3, 4) if dice.random() < 0.2 else dice.uniform(12, 40),
            talks=dice.uniform(2, 9),
            reloads_after=dice.uniform(1, 10) if dice.random() < 0.12 else NEVER,
            vanishes_after=dice.uniform(0.5, 12) if dice.random() < 0.15 else NEVER,
            returns_after=dice.uniform(1, 9) if dice.random() < 0.5 else NEVER,
            says_goodbye=dice.random() < 0.4,
            reports_late=dice.uniform(1, 6) if dice.random() < 0.15 else 0.0,
            leaves_number=dice.random() < 0.6,
        )


class Seat:
    """A place from which one person calls after another."""

    def __init__(self, kind: CallerKind, dice: Random, records: list[CallerRecord]) -> None:
        self._kind, self._dice, self._records = kind, dice, records

    async def run(self, closing: asyncio.Event) -> None:
        """Call until the house is to close, and see the last call to its end."""
        await asyncio.sleep(self._dice.uniform(0, 3))
        while not closing.is_set():
            person = self._kind.person(Random(self._dice.getrandbits(64)))
            self._records.append(person.record)
            await person.live(closing)
            await asyncio.sleep(self._dice.uniform(0.2, 2))
