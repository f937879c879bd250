"""Kills parts of the house at random, and looks when they are back."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import psutil

from bench.soak.browser import Away, Browser, Refused
from bench.soak.house import House
from bench.soak.pulses import Pulses
from bench.soak.tally import Tally

LOOK_SECONDS = 0.05
RETURN_SECONDS = 120.0
LONGEST_PACE_SECONDS = 5.0
NOBODY = "/phone/calls/01990000-0000-7000-8000-000000000000/"

# Does something to the house, and gives what tells whether that is over: asked again and again.
Check = Callable[[], Awaitable[bool]]
Act = Callable[[], Awaitable[Check]]


@dataclass
class Blow:
    """One kill: of what, when, and after how long it was back (seconds; None: not at all)."""

    kind: str
    at: float
    returned_after: float | None = None


@dataclass
class Faults:
    """What can be done to a house. A process is started again by the supervisor, a server by us."""

    house: House
    pulses: Pulses
    dice: Random
    blows: list[Blow] = field(default_factory=list)
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._browser = Browser(self.house.url, Tally(), limit_seconds=2)
        self._carriers = Browser(self.house.carriers_url, Tally(), limit_seconds=2)
        self._live = Browser(self.house.live_url.removesuffix("/live/"), Tally(), limit_seconds=2)
        self._servers = {"postgres": asyncio.Lock(), "valkey": asyncio.Lock()}

    @property
    def kinds(self) -> dict[str, Act]:
        """What can be done, by the name under which it is reported."""
        return {
            "web": lambda: self._kill_head("web", self._pages_answer),
            "web worker": self._kill_web_worker,
            "live": lambda: self._kill_head("live", self._stream_answers),
            "carriers": lambda: self._kill_head("carriers", self._webhooks_answer),
            "worker": lambda: self._kill_head("worker", self._pulses_again("worker")),
            "beat": lambda: self._kill_head("beat", self._pulses_again("beat")),
            "dispatcher": lambda: self._kill_head("dispatcher", self._pulses_again("dispatcher")),
            "Valkey": self._kill_valkey,
            "PostgreSQL": self._kill_postgres,
            "PostgreSQL, restarted": self._restart_postgres,
            "PostgreSQL, frozen": self._freeze_postgres,
        }

    async def rage(self, seconds: float) -> None:
        """Strike for so long, each kind once before any comes again; returns when everything runs."""
        ends = time.monotonic() + seconds
        pace = min(LONGEST_PACE_SECONDS, seconds / (len(self.kinds) + 1))
        order: list[str] = []
        while time.monotonic() < ends:
            await asyncio.sleep(pace * self.dice.uniform(0.6, 1.3))
            order = order or self.dice.sample(sorted(self.kinds), len(self.kinds))
            self._start(self._strike(order.pop()))
        while self._tasks:
            await asyncio.gather(*self._tasks)

    def _start(self, strike: Awaitable[None]) -> None:
        task = asyncio.ensure_future(strike)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _strike(self, kind: str) -> None:
        blow = Blow(kind, time.time())
        self.blows.append(blow)
        with suppress(TimeoutError):
            async with asyncio.timeout(RETURN_SECONDS):
                is_over = await self.kinds[kind]()
                began = time.monotonic()
                while not await is_over():
                    await asyncio.sleep(LOOK_SECONDS)
                blow.returned_after = time.monotonic() - began

    # -- processes, which the supervisor starts again ----------------------------------------

    async def _kill_head(self, name: str, answers: Check) -> Check:
        """kill -9 of the process that the supervisor has started; over when another one answers in its place."""
        while not self._kill(pid := self.house.heads().get(name, 0)):
            await asyncio.sleep(LOOK_SECONDS)

        async def is_replaced() -> bool:
            return self.house.heads().get(name) not in (None, pid) and await answers()

        return is_replaced

    async def _kill_web_worker(self) -> Check:
        """kill -9 of one of the processes behind the head; over when there are as many again, and pages answer."""
        while not (workers := self._web_workers()) or not self._kill(pid := self.dice.choice(workers)):
            await asyncio.sleep(LOOK_SECONDS)

        async def are_complete() -> bool:
            now = self._web_workers()
            return pid not in now and len(now) >= len(workers) and await self._pages_answer()

        return are_complete

    def _web_workers(self) -> list[int]:
        with suppress(psutil.Error, KeyError):
            children = psutil.Process(self.house.heads()["web"]).children()
            return sorted(child.pid for child in children if "resource_tracker" not in " ".join(child.cmdline()))
        return []

    def _kill(self, pid: int) -> bool:
        """kill -9 if this still is a process of the house: numbers are used again."""
        with suppress(psutil.Error):
            process = psutil.Process(pid)
            if pid and Path(process.cwd()) == self.house.directory:
                process.kill()
                return True
        return False

    # -- servers, which are started again by us ----------------------------------------------

    async def _kill_valkey(self) -> Check:
        await self._down("valkey", self.house.servers[1].kill, self.dice.uniform(0.2, 4))
        return self._stream_answers

    async def _kill_postgres(self) -> Check:
        await self._down("postgres", self.house.servers[0].kill, self.dice.uniform(0, 3))
        return self._database_answers

    async def _restart_postgres(self) -> Check:
        await self._down("postgres", self.house.servers[0].stop, 0)
        return self._database_answers

    async def _freeze_postgres(self) -> Check:
        """It neither answers nor refuses, as with a disk that hangs: all its processes stand still for a while."""
        async with self._servers["postgres"]:
            head = psutil.Process(self.house.servers[0].running_pid())
            frozen = [head, *head.children(recursive=True)]
            _tell(frozen, signal.SIGSTOP)
            await asyncio.sleep(self.dice.uniform(1.5, 4))
            _tell(frozen, signal.SIGCONT)
        return self._database_answers

    async def _down(self, server: str, end: Callable[[], None], seconds: float) -> None:
        async with self._servers[server]:
            await asyncio.to_thread(end)
            await asyncio.sleep(seconds)
            await asyncio.to_thread(self.house.start_servers)

    # -- whether they are back ---------------------------------------------------------------

    async def _pages_answer(self) -> bool:
        return await _answers(self._browser, "/healthz")

    async def _webhooks_answer(self) -> bool:
        return await _answers(self._carriers, "/healthz")

    async def _stream_answers(self) -> bool:
        return await _answers(self._live, "/live/healthz")

    async def _database_answers(self) -> bool:
        """A page that asks the database answers: there is no such call."""
        return await _answers(self._browser, NOBODY)

    def _pulses_again(self, name: str) -> Check:
        """The next pulse from now on; worker's and beat's come every five seconds."""
        since = time.time()

        async def pulses() -> bool:
            return self.pulses.last.get(name, 0) > since

        return pulses


def _tell(processes: list[psutil.Process], number: int) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


async def _answers(browser: Browser, path: str) -> bool:
    try:
        await browser.get("probe", path)
    except Refused:
        return True
    except Away:
        return False
    return True
