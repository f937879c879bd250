"""The signs of life of the house's parts, watched from outside: when they came back, when they were away."""

import asyncio
from collections import defaultdict
from contextlib import suppress

import psycopg

LOOK_SECONDS = 0.2
GAP_SECONDS = 5.0  # answering/pulse/services.py: a longer silence is an outage
QUERY = "SELECT name, extract(epoch FROM pulsed_at)::float8 FROM pulse_servicepulse"


class Pulses:
    """`last` is the latest known pulse of each part; `outages` are the silences of those that patience depends on."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        self.last: dict[str, float] = {}
        self.outages: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)

    async def watch(self) -> None:
        """Look until cancelled; a database that is away is looked for."""
        while True:
            with suppress(psycopg.Error, OSError):
                await self._look()
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._database_url, autocommit=True) as connection:
            while True:
                for name, pulsed_at in await (await connection.execute(QUERY)).fetchall():
                    self._note(name, pulsed_at)
                await asyncio.sleep(LOOK_SECONDS)

    def _note(self, name: str, pulsed_at: float) -> None:
        before = self.last.get(name, pulsed_at)
        if pulsed_at - before > GAP_SECONDS:
            self.outages[name].append((before, pulsed_at))
        self.last[name] = max(before, pulsed_at)

    def patient_until(self, moment: float, limit: float) -> float:
        """Until when the house itself may go on waiting for somebody it last heard at this moment.

        So long after that sign of life, or after the return from an outage of its own that began meanwhile.
        """
        until = moment + limit
        for began, ended in sorted(self.outages["web"] + self.outages["dispatcher"]):
            if began < until and ended > moment:
                until = max(until, ended + limit)
        return until
