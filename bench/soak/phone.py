"""Callers of the browser carrier: what static/js/phone*.js does, without sound and without a person's eyes."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

from bench.soak.browser import Away, Browser, Refused, Stream
from bench.soak.callers import NEVER, Plan
from bench.soak.records import CallerRecord
from bench.soak.tally import Tally

TICK_SECONDS = 0.25
HEARTBEAT_SECONDS, POLL_SECONDS, RETRY_SECONDS, CONNECT_PAUSE_SECONDS = 5.0, 2.0, 2.0, 1.0
PACKETS_PER_SECOND = 50
GIVE_UP_SECONDS = 30.0
TWICE = 0.05  # so many requests are sent two times at once
LIVE = ("ringing", "queued", "connecting", "talking", "held", "transferring")
WITH_AGENT = LIVE[2:]
SDP = "v=0\r\ns=caller\r\n"


@dataclass(frozen=True)
class BrowserCallers:
    """People at the public pages of these lines. `event_key` names a line's attempt as the ledger does."""

    url: str
    lines: tuple[str, ...]
    tally: Tally
    event_key: Callable[[str, str], str]

    def person(self, dice: Random) -> "BrowserCaller":
        line, key = dice.choice(self.lines), f"{dice.getrandbits(128):032x}"
        record = CallerRecord("browser", self.event_key(line, key), time.time())
        browser = Browser(self.url, self.tally, headers={"Accept-Language": "en"})
        return BrowserCaller(browser, line, key, Plan.thrown(dice), dice, record)


class BrowserCaller:
    """One page: an attempt, a call, what comes after it."""

    def __init__(self, browser: Browser, line: str, key: str, plan: Plan, dice: Random, record: CallerRecord) -> None:
        self.record = record
        self._browser, self._line, self._key, self._plan, self._dice = browser, line, key, plan, dice
        self._facts: dict[str, Any] = {}
        self._sound: tuple[int, float] | None = None  # the generation that is heard, and since when
        self._reported = -1
        self._at = {"began": 0.0, "beat": 0.0, "read": 0.0, "connect": 0.0, "talk": NEVER, "leave": NEVER}

    @property
    def _state(self) -> str:
        return str(self._facts.get("state", ""))

    @property
    def _generation(self) -> int:
        return int(self._facts.get("generation", 0))

    @property
    def _path(self) -> str:
        return f"/phone/calls/{self.record.public_id}/"

    async def live(self, closing: asyncio.Event) -> None:
        if not await self._dial(closing):
            return
        async with self._listening() as stream:
            self._at["began"] = self._at["beat"] = self._at["read"] = time.monotonic()
            is_here = await self._be_in_the_call(stream, closing)
        if is_here and self._plan.leaves_number and self.record.outcome_seen in ("missed", "abandoned"):
            await self._leave_number()

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator[Stream]:
        stream = Stream(self._browser, f"{self._path}ticket")
        task = asyncio.create_task(stream.run())
        try:
            yield stream
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    # -- before ------------------------------------------------------------------------------

    async def _dial(self, closing: asyncio.Event) -> bool:
        """Press the button, again and again under the same key; False if nobody has ever answered."""
        number = "" if self._dice.random() < 0.3 else a_number(self._dice)
        ends = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < ends and not closing.is_set():
            try:
                await self._tell("create", f"/phone/{self._line}/calls", key=self._key, name="", number=number)
            except Away:
                await asyncio.sleep(RETRY_SECONDS / 2)
            else:
                self.record.public_id = str(self._facts["call"])
                self._browser.headers["X-Call-Token"] = str(self._facts["token"])
                return True
        return False

    # -- during ------------------------------------------------------------------------------

    async def _be_in_the_call(self, stream: Stream, closing: asyncio.Event) -> bool:
        """Until the call is over; whether the page is still there then."""
        reloads, vanishes = self._plan.reloads_after, self._plan.vanishes_after
        while self._state in LIVE:
            if closing.is_set():
                self._at["leave"] = min(self._at["leave"], time.monotonic() + self._dice.uniform(0, 3))
            passed = time.monotonic() - self._at["began"]
            if self._is_to_hang_up():
                await self._hang_up()
                return True
            if passed > vanishes:
                vanishes = NEVER
                if not await self._vanish():
                    return False
            elif passed > reloads:
                reloads = NEVER
                await self._say_goodbye()
                await asyncio.sleep(self._dice.uniform(0.3, 2))
                await self._rejoin()
            await self._keep_in_touch(stream)
            await asyncio.sleep(TICK_SECONDS)
        return True

    def _is_to_hang_up(self) -> bool:
        now = time.monotonic()
        if self._state == "talking":
            self._at["talk"] = min(self._at["talk"], now)
        has_waited = self._at["talk"] == NEVER and now - self._at["began"] > self._plan.waits
        return has_waited or now - self._at["talk"] > self._plan.talks or now > self._at["leave"]

    async def _keep_in_touch(self, stream: Stream) -> None:
        now = time.monotonic()
        hears_now = self._state == "connecting" and self._packets() > 0 and self._reported != self._generation
        try:
            if hears_now or now - self._at["beat"] > HEARTBEAT_SECONDS:
                await self._beat()
            elif stream.hinted.is_set() or (not stream.is_live and now - self._at["read"] > POLL_SECONDS):
                stream.hinted.clear()
                await self._read()
            await self._connect()
        except (Away, Refused):
            return  # the next tick tries again

    def _packets(self) -> int:
        if self._sound is None or self._sound[0] != self._generation or self._state not in WITH_AGENT:
            return 0
        return 1 + int((time.monotonic() - self._sound[1]) * PACKETS_PER_SECOND)

    async def _beat(self) -> None:
        self._at["beat"] = time.monotonic()
        generation, packets, sent = self._generation, self._packets(), time.time()
        await self._tell("heartbeat", f"{self._path}heartbeat", generation=generation, packets=packets)
        if self._state in LIVE:
            self.record.last_live_at = sent
        if packets:
            self._reported = generation

    async def _read(self) -> None:
        self._at["read"] = time.monotonic()
        self._take((await self._browser.get("state", self._path)).fields)

    async def _connect(self) -> None:
        """Answer the agent's description of this generation, once."""
        generation, now = self._generation, time.monotonic()
        is_connected = self._sound is not None and self._sound[0] == generation
        if is_connected or not self._facts.get("has_offer") or self._state not in WITH_AGENT:
            return
        if now - self._at["connect"] > CONNECT_PAUSE_SECONDS:
            self._at["connect"] = now
            media = f"{self._path}media/{generation}/"
            await self._browser.get("media", media)
            await self._browser.post_json("media", f"{media}answer", sdp=SDP)
            self._sound = (generation, time.monotonic())

    async def _say_goodbye(self) -> bool:
        """The page is being closed or reloaded; a beacon is sent once, whether it arrives or not."""
        sent = time.time()
        try:
            await self._browser.post_json("leaving", f"{self._path}leaving", token=self._facts["token"])
        except (Away, Refused):
            self.record.note_sign(sent, None)
            return False
        self.record.note_sign(sent, time.time())
        return True

    async def _vanish(self) -> bool:
        """The page is gone; whether it has come back."""
        said = self._plan.says_goodbye and await self._say_goodbye()
        if self._plan.returns_after == NEVER:
            self.record.left_at = time.time() if said else 0.0
            return False
        await asyncio.sleep(self._plan.returns_after)
        await self._rejoin()
        return True

    async def _rejoin(self) -> None:
        """A page that was loaded again asks for its call until it knows how that stands."""
        self._sound, sent = None, time.time()
        while True:
            try:
                await self._tell("rejoin", f"{self._path}rejoin")
            except Away:
                await asyncio.sleep(RETRY_SECONDS)
                sent = time.time()
            except Refused:
                await asyncio.sleep(TICK_SECONDS)
                await self._read_if_there()
                return
            else:
                self.record.last_live_at = sent if self._state in LIVE else self.record.last_live_at
                return

    async def _read_if_there(self) -> None:
        try:
            await self._read()
        except (Away, Refused):
            return  # the loop of the call reads it

    async def _hang_up(self) -> None:
        """The person sees the end at once; the house hears of it now or when it is back, with its time."""
        key, self.record.hung_up_at = str(uuid.UUID(int=self._dice.getrandbits(128), version=4)), time.time()
        await asyncio.sleep(self._plan.reports_late)
        while True:
            sent = time.time()
            ago_ms = int((sent - self.record.hung_up_at) * 1000)
            try:
                are_all_told = await self._tell("hang-up", f"{self._path}hang-up", key=key, ago_ms=ago_ms)
            except Away:
                self.record.note_hang_up(sent, None)
                await asyncio.sleep(RETRY_SECONDS)
            except Refused:
                return
            else:
                self.record.note_hang_up(sent, time.time() if are_all_told else None)
                return

    # -- after -------------------------------------------------------------------------------

    async def _leave_number(self) -> None:
        number, ends = a_number(self._dice), time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < ends:
            try:
                await self._tell("details", f"{self._path}details", name="Kristīne Ozoliņa", number=number)
            except Away:
                await asyncio.sleep(RETRY_SECONDS)
            except Refused:
                return
            else:
                self.record.number_left = number
                return

    async def _tell(self, kind: str, path: str, **fields: object) -> bool:
        """Post, now and then two times at once, and take the facts; whether all was answered. Raises Away, Refused."""
        sent = time.time()
        count = 2 if self._dice.random() < TWICE else 1
        posts = (self._browser.post_json(kind, path, **fields) for _ in range(count))
        answers = await asyncio.gather(*posts, return_exceptions=True)
        failures = [answer for answer in answers if isinstance(answer, BaseException)]
        is_unsure = any(isinstance(failure, Away) for failure in failures)
        if kind in SIGNS_OF_LIFE:
            self.record.note_sign(sent, None if is_unsure else time.time())
        for answer in answers:
            if not isinstance(answer, BaseException):
                self._take(answer.fields)
        if len(failures) == count:
            raise failures[0]
        return not is_unsure

    def _take(self, facts: dict[str, Any]) -> None:
        """Answers may overtake each other; the ledger's version tells which is newer."""
        if facts["version"] >= self._facts.get("version", 0):
            self._facts |= facts
        if self._state not in LIVE and not self.record.over_seen_at:
            self.record.over_seen_at, self.record.outcome_seen = time.time(), str(self._facts["outcome"])


SIGNS_OF_LIFE = ("create", "heartbeat", "rejoin")


def a_number(dice: Random) -> str:
    return f"+3712{dice.randrange(6000000, 9999999)}"
