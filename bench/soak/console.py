"""An agent's console: what static/js/console*.js does, driven by dice instead of a person."""

import asyncio
import re
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

from bench.soak.browser import Away, Browser, Refused, Stream
from bench.soak.conversation import LIVE, Conversation
from bench.soak.network import Headset, Network
from bench.soak.records import AgentRecord, Records
from bench.soak.sound import BrowserSound, Sound, TelephoneSound

TICK_SECONDS = 0.25
HEARTBEAT_SECONDS, POLL_SECONDS, RETRY_SECONDS = 5.0, 2.0, 1.0
LIMIT_SECONDS = 15.0  # static/js/console_link.js
DECLINES, TWO_AT_ONCE = 0.08, 0.2
FACTS = re.compile(r'<div id="facts"([^>]*)>')
FACT = re.compile(r'data-([a-z-]+)(?:="([^"]*)")?')
WAITING = re.compile(r'id="waiting-([0-9a-f-]{36})"')
OFFERED = re.compile(r'data-call="([0-9a-f-]{36})"\s+data-carrier="(\w+)"')  # on what a call is answered with


@dataclass(frozen=True, slots=True)
class Facts:
    """Where things stand, as the board last said."""

    kind: str = ""
    call: str = ""
    state: str = ""
    generation: int = 0
    waiting: tuple[str, ...] = ()
    carriers: dict[str, str] = field(default_factory=dict)  # by call

    @classmethod
    def of(cls, board: str) -> "Facts":
        found = FACTS.search(board)
        said = dict(FACT.findall(found[1])) if found else {}
        call, state, generation = said.get("call", ""), said.get("state", ""), int(said.get("generation") or 0)
        carriers = dict(OFFERED.findall(board)) | ({call: said.get("carrier", "")} if call else {})
        return cls(said.get("kind", ""), call, state, generation, tuple(WAITING.findall(board)), carriers)


class Console:
    """One agent's shift."""

    def __init__(
        self, browser: Browser, login: tuple[str, str], network: Network, dice: Random, records: Records
    ) -> None:
        self._browser, self._login, self._dice, self._records = browser, login, dice, records
        self._network = network
        self._headset: Headset | None = None
        self._record = AgentRecord(login[0])
        records.agents.append(self._record)
        self._facts = Facts()
        self._conversation: Conversation | None = None
        self._unsettled: list[Conversation] = []
        self._console_id, self._reported = "", -1
        self._decides_at: dict[str, float] = {}  # by the call that is offered
        self._at = {"beat": 0.0, "read": 0.0, "absence": time.monotonic() + dice.uniform(8, 90)}
        self.is_at_work = asyncio.Event()

    async def work(self, closing: asyncio.Event) -> None:
        """Take calls until the house is to close and the last one is done."""
        await self._insist(self._sign_in)
        await self._insist(self._sit_down)
        stream = Stream(self._browser, "/console/ticket")
        listening = asyncio.create_task(stream.run())
        self.is_at_work.set()
        try:
            while not closing.is_set():
                await self._step(stream)
            await self._insist(self._go_offline)
            self._at["read"] = 0.0
            while self._is_busy():
                await self._step(stream, is_offline=True)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    def _is_busy(self) -> bool:
        return not self._at["read"] or self._facts.kind in ("call", "wrap-up") or bool(self._unsettled)

    # -- coming and going --------------------------------------------------------------------

    async def _sign_in(self) -> None:
        await self._browser.get("sign in", "/accounts/login/")
        login, password = self._login
        await self._browser.post_form("sign in", "/accounts/login/", login=login, password=password)

    async def _sit_down(self) -> None:
        """A newly opened page takes the agent over."""
        self._console_id = str(uuid.UUID(int=self._dice.getrandbits(128), version=4))
        self._browser.headers["X-Console"] = self._console_id
        await self._browser.post_form("open", "/console/open")
        await self._browser.post_form("presence", "/console/presence", presence="available")
        await self._plug_in()
        self._at["read"] = 0.0

    async def _plug_in(self) -> None:
        """Be a telephone under the name that the house gives."""
        answer = await self._browser.post_form("voice token", "/console/voice-token")
        self._headset = self._network.headset(str(answer.fields["tokens"][0]["identity"]))
        self._headset.is_registered = True

    async def _go_offline(self) -> None:
        await self._browser.post_form("presence", "/console/presence", presence="offline")

    async def _insist(self, act: Callable[[], Awaitable[None]]) -> None:
        """Again until it is answered."""
        while True:
            try:
                await act()
            except Away:
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    async def _be_absent(self) -> None:
        """A reload, or a page that is suddenly gone for longer than the house waits for it."""
        self._at["absence"] = time.monotonic() + self._dice.uniform(20, 90)
        is_reload = self._dice.random() < 0.6
        if is_reload and self._facts.kind == "call":
            with suppress(Away, Refused):
                path = f"/console/calls/{self._facts.call}/leaving"
                await self._browser.post_form("leaving (agent)", path, console_id=self._console_id)
        if self._headset is not None:
            self._network.leave_later(self._headset.unplug(), 0.0 if is_reload else self._dice.uniform(1, 10))
        await asyncio.sleep(self._dice.uniform(0.3, 2) if is_reload else self._dice.uniform(3, 22))
        await self._insist(self._sit_down)
        if self._conversation is not None:
            self._conversation.reloaded()

    # -- one step ----------------------------------------------------------------------------

    async def _step(self, stream: Stream, *, is_offline: bool = False) -> None:
        await asyncio.sleep(TICK_SECONDS)
        if not is_offline and time.monotonic() > self._at["absence"]:
            await self._be_absent()
        try:
            await self._beat()
            await self._read(stream)
            await self._act(is_offline)
            await self._settle_one()
        except (Away, Refused):
            self._at["read"] = 0.0  # how things stand is said by the board

    async def _beat(self) -> None:
        facts, conversation, now = self._facts, self._conversation, time.monotonic()
        packets = conversation.packets(facts.generation) if conversation and facts.kind == "call" else 0
        is_newly_heard = facts.state == "connecting" and packets > 0 and self._reported != facts.generation
        if now - self._at["beat"] < HEARTBEAT_SECONDS and not is_newly_heard:
            return
        self._at["beat"] = now
        of_call = {"call": facts.call, "generation": facts.generation, "packets": packets}
        fields = of_call if facts.kind == "call" and facts.state in LIVE else {}
        answer = await self._browser.post_form(
            "heartbeat (agent)", "/console/heartbeat", console_id=self._console_id, **fields
        )
        if packets:
            self._reported = facts.generation
        said = (answer.fields.get("state"), answer.fields.get("generation"))
        if fields and said != (facts.state, facts.generation):
            self._at["read"] = 0.0

    async def _read(self, stream: Stream) -> None:
        """Read the board when a hint says so; every two seconds without a stream, and now and then with one."""
        now = time.monotonic()
        pause = HEARTBEAT_SECONDS if stream.is_live else POLL_SECONDS
        if not stream.hinted.is_set() and now - self._at["read"] < pause:
            return
        stream.hinted.clear()
        board = await self._browser.get("board", "/console/board")
        self._at["read"], self._facts = now, Facts.of(board.body.decode())
        self._follow()

    def _follow(self) -> None:
        """Which call is in the centre: what this page did not claim itself is another page's."""
        facts, conversation = self._facts, self._conversation
        if conversation is not None and conversation.call != facts.call:
            conversation.sound.close()
            if conversation.is_unsettled:
                self._unsettled.append(conversation)
            self._conversation, self._reported = None, -1
        if self._conversation is None and facts.kind in ("call", "wrap-up"):
            self._conversation = self._new_conversation(facts.call)
            self._conversation.reloaded()

    def _new_conversation(self, call: str) -> Conversation:
        dice = Random(self._dice.getrandbits(64))
        return Conversation(self._browser, call, self._sound_of(call), dice, self._record, self._records)

    def _sound_of(self, call: str) -> Sound:
        if self._facts.carriers.get(call) == "twilio" and self._headset is not None:
            return TelephoneSound(self._headset, call)
        return BrowserSound(self._browser, call)

    async def _act(self, is_offline: bool) -> None:
        facts, conversation = self._facts, self._conversation
        is_behind = False
        if facts.kind == "incoming" and not is_offline:
            is_behind = await self._decide()
        elif conversation is not None and facts.kind == "call":
            is_behind = await conversation.speak(facts.state, facts.generation)
        elif conversation is not None and facts.kind == "wrap-up":
            conversation.sound.close()
            is_behind = await conversation.wrap_up()
        if is_behind:
            self._at["read"] = 0.0

    async def _settle_one(self) -> None:
        """A message without an answer is sent again, also when its call is long over."""
        if self._unsettled:
            await self._unsettled[0].send()
            if not self._unsettled[0].is_unsettled:
                self._unsettled.pop(0)

    # -- an offer ----------------------------------------------------------------------------

    async def _decide(self) -> bool:
        """Take the call, pass it on, or reach for two at once."""
        call, now = self._facts.call, time.monotonic()
        if now < self._decides_at.setdefault(call, now + self._dice.uniform(0.2, 1.5)):
            return False
        if self._dice.random() < DECLINES:
            await self._browser.post_form("decline", f"/console/calls/{call}/decline")
            return True
        others = [each for each in self._facts.waiting if each != call]
        wanted = [call, self._dice.choice(others)] if others and self._dice.random() < TWO_AT_ONCE else [call]
        await asyncio.gather(*map(self._claim, wanted))
        return True

    async def _claim(self, call: str) -> None:
        self._record.asked["claimed", call] += 1
        try:
            await self._browser.post_form("claim", f"/console/calls/{call}/claim")
        except (Away, Refused):
            return
        self._record.done["claimed", call] += 1
        self._conversation, self._reported = self._new_conversation(call), -1
