"""One run: build a house, let people call while parts of it are killed, wait until it is at rest, look at its books."""

import asyncio
import shutil
import time
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from answering.runtime.addresses import database_url
from bench.soak import report
from bench.soak.browser import Browser
from bench.soak.callers import CallerKind, Seat
from bench.soak.checks import Check, check
from bench.soak.console import LIMIT_SECONDS, Console
from bench.soak.faults import Faults
from bench.soak.house import Cast, House, built
from bench.soak.network import Network
from bench.soak.phone import BrowserCallers
from bench.soak.progress import Progress, bar
from bench.soak.pulses import Pulses
from bench.soak.records import Records
from bench.soak.tally import Fate, Tally
from bench.soak.telephone import TelephoneCallers

SEATS = 16  # as many people call at a time
CLOSING_SECONDS = 120.0
REST_SECONDS = 300.0  # a worker that died in the middle of a letter keeps it for 150 s
LOOK_SECONDS = 0.5


@dataclass
class Run:
    """What a run is asked to do, and what it finds."""

    seconds: int
    seed: int
    details: bool = False
    log: Path | None = None
    records: Records = field(default_factory=Records)
    tally: Tally = field(default_factory=Tally)
    _network: Network = field(init=False)
    _late: int = 0
    _outcomes: Counter[str] = field(default_factory=Counter)
    _progress: Progress = field(default_factory=Progress)

    def __post_init__(self) -> None:
        self._network = Network(self.tally, self._dice("network"))

    def run(self) -> int:
        """Do all of it; 0 if every promise was kept."""
        print(f"soak of {self.seconds} s, seed {self.seed}", flush=True)
        with self._network as network, built(self._progress.say, network.settings) as (house, cast):
            try:
                self._progress.say("opening it")
                network.connect((house.carriers_url, house.url), house.url, cast.numbers)
                house.open()
                faults, pulses = asyncio.run(self._load(house, cast))
                checks = self._check(house, faults, pulses)
            finally:
                if self.log is not None and house.log.exists():
                    shutil.copyfile(house.log, self.log)
        self._progress.end()
        self._report(faults, checks)
        return 1 if any(check.broken for check in checks) else 0

    # -- the load ----------------------------------------------------------------------------

    async def _load(self, house: House, cast: Cast) -> tuple[Faults, Pulses]:
        """People call while parts of the house are killed; returns when all have gone and the house is at rest."""
        pulses = Pulses(database_url(house.places))
        faults = Faults(house, pulses, self._dice("faults"))
        async with background(pulses.watch()), background(self._network.run()):
            await self._let_them_call(house, cast, faults)
            await asyncio.to_thread(self._wait_for_rest)
        return faults, pulses

    async def _let_them_call(self, house: House, cast: Cast, faults: Faults) -> None:
        closing = asyncio.Event()
        async with asyncio.TaskGroup() as people:
            consoles = list(self._consoles(house, cast))
            tasks = [people.create_task(console.work(closing)) for console in consoles]
            await asyncio.gather(*(console.is_at_work.wait() for console in consoles))
            tasks += [people.create_task(seat.run(closing)) for seat in self._seats(house, cast)]
            async with background(self._show(faults)):
                await faults.rage(self.seconds)
                closing.set()
                _done, late = await asyncio.wait(tasks, timeout=CLOSING_SECONDS)
            self._late = len(late)
            for task in late:
                task.cancel()

    def _consoles(self, house: House, cast: Cast) -> Iterator[Console]:
        for email in cast.agents:
            browser = Browser(house.url, self.tally, limit_seconds=LIMIT_SECONDS)
            yield Console(browser, (email, cast.password), self._network, self._dice(email), self.records)

    def _seats(self, house: House, cast: Cast) -> Iterator[Seat]:
        kinds = caller_kinds(house, cast, self.tally, self._network)
        for number in range(SEATS):
            yield Seat(kinds[number % len(kinds)], self._dice(f"seat {number}"), self.records.callers)

    def _dice(self, whose: str) -> Random:
        """Everybody has dice of their own, so that what one does changes nothing for the others."""
        return Random(f"{self.seed}:{whose}")

    async def _show(self, faults: Faults) -> None:
        began = time.monotonic()
        while True:
            passed = time.monotonic() - began
            head = f"{bar(passed / self.seconds)} {passed:3.0f} of {self.seconds} s"
            people = f"{len(self.records.callers)} calls, {len(faults.blows)} kills"
            self._progress.show(f"{head}  {people}, requests: {self._fates()}")
            await asyncio.sleep(LOOK_SECONDS)

    def _fates(self) -> str:
        return ", ".join(f"{self.tally.total(fate)} {fate.value}" for fate in Fate)

    # -- after it ----------------------------------------------------------------------------

    def _wait_for_rest(self) -> None:
        """Until the house has done by itself what is left to do."""
        from bench.soak.books import left_to_do

        ends = time.monotonic() + REST_SECONDS
        while (left := left_to_do() | self._network.left_to_do()) and time.monotonic() < ends:
            self._progress.show("at rest soon: " + ", ".join(f"{count} {name}" for name, count in left.items()))
            time.sleep(LOOK_SECONDS)

    def _check(self, house: House, faults: Faults, pulses: Pulses) -> list[Check]:
        from bench.soak.books import check_books
        from bench.soak.letters import check_letters
        from bench.soak.log import check_log
        from bench.soak.witnesses import check_witnesses
        from calls.models import Call

        self._progress.say("looking at the books")
        self._outcomes = Counter(map(str, Call.objects.values_list("outcome", flat=True)))
        checks = [check("everybody could finish what they were doing", self._stuck())]
        checks += [*check_books(), *check_witnesses(self.records, pulses)]
        checks += [*check_letters(self.records, house.places.mail), *self._network.checks()]
        return [*checks, *check_log(house, faults.blows, self.tally, house.close())]

    def _stuck(self) -> Iterator[str | None]:
        for _one in range(SEATS + len(self.records.agents) - self._late):
            yield None
        for _one in range(self._late):
            yield f"somebody waits in vain for {CLOSING_SECONDS:.0f} s"

    def _report(self, faults: Faults, checks: list[Check]) -> None:
        tables = [report.kills(faults.blows), report.calls(self._outcomes), report.requests(self.tally)]
        tables += [report.reasons(self.tally)] if self.details else []
        for table in [*tables, report.promises(checks)]:
            print("\n" + "\n".join(table))
        broken = sum(len(check.broken) for check in checks)
        print(f"\nseed {self.seed}: " + (f"{broken} cases BROKEN" if broken else "every promise was kept"))


def caller_kinds(house: House, cast: Cast, tally: Tally, network: Network) -> list[CallerKind]:
    """How people come in: each carrier has its share of the seats."""
    from calls.carriers.browser.tokens import event_key

    return [BrowserCallers(house.url, cast.lines, tally, event_key), TelephoneCallers(network, cast.numbers)]


@asynccontextmanager
async def background(work: Coroutine[object, object, None]) -> AsyncIterator[None]:
    """Something that goes on beside the block and ends with it."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
