"""One call at an agent's console: audio, hold, the message, the end and the result."""

import asyncio
import time
import uuid
from random import Random

from bench.soak.browser import Away, Browser, Refused
from bench.soak.callers import NEVER
from bench.soak.records import AgentRecord, DraftRecord, MessageRecord, Records
from bench.soak.sound import Sound

LIVE = ("connecting", "talking", "held", "transferring")
RESULTS = ("message", "informed", "callback", "hung_up", "wrong_number", "spam")
PACKETS_PER_SECOND = 50
RENEWAL_PAUSE_SECONDS, SAVE_SECONDS = 6.0, 1.0
TWICE, ONE_KEY = 0.1, 0.05
WORDS = ("Lūdz", "atzvanīt", "pēc", "plkst. 16", "par", "vizīti", "📞", "—", "ναι")


class Conversation:
    """What one agent does with one call; steps may fail with Away or Refused and are taken again."""

    def __init__(
        self, browser: Browser, call: str, sound: Sound, dice: Random, record: AgentRecord, records: Records
    ) -> None:
        self.call = call
        self.sound = sound
        self.is_ours = True  # this page has claimed it or renewed its audio
        self._browser, self._dice, self._record, self._records = browser, dice, record, records
        self._at = {"renewed": -NEVER, "saved": 0.0, "talk": NEVER, "held": NEVER, "over": NEVER}
        # Some let the caller end the call.
        self._talks, self._wraps_up = dice.choice((dice.uniform(2, 8), dice.uniform(10, 20))), dice.uniform(0.2, 2)
        self._holds_after = dice.uniform(0.5, 5) if dice.random() < 0.3 else NEVER
        self._holds_for = dice.uniform(0.5, 4)
        self._forgets_result = dice.random() < 0.1
        self._writes, self._is_settled = dice.random() < 0.6, False
        self._sends_after = dice.uniform(1, 7) if dice.random() < 0.5 else NEVER  # else once the call is over
        self._form_key, self._revision, self._text = str(self._key()), 0, ""

    def _key(self) -> uuid.UUID:
        return uuid.UUID(int=self._dice.getrandbits(128), version=4)

    def reloaded(self) -> None:
        """The page was opened anew: it has no audio yet, and what was typed is what the house has kept."""
        self.is_ours = False
        self.sound.close()

    def packets(self, generation: int) -> int:
        """How much sound of this generation has come in."""
        since = self.sound.heard_since(generation)
        return 0 if since is None else 1 + int((time.monotonic() - since) * PACKETS_PER_SECOND)

    # -- while the caller is there -----------------------------------------------------------

    async def speak(self, state: str, generation: int) -> bool:
        """Do what is due; whether the board is to be read again."""
        now = time.monotonic()
        if not self.is_ours or self.sound.is_broken(generation):
            return await self._renew(now)
        await self.sound.connect(generation)
        if state == "talking":
            self._at["talk"] = min(self._at["talk"], now)
        talked = now - self._at["talk"]
        if state == "held":
            self._at["held"] = min(self._at["held"], now)
            if now - self._at["held"] > self._holds_for:
                self._at["held"] = NEVER
                return await self._command("resume", "resumed")
        if state == "talking":
            if talked > self._holds_after:
                self._holds_after = NEVER
                return await self._command("hold", "held")
            await self._write(now, is_to_be_sent=talked > self._sends_after)
        return talked > self._talks and await self._end()

    async def _end(self) -> bool:
        """The usual end, or a wrong number: ended and closed by one key."""
        if self._dice.random() < ONE_KEY:
            return await self._close("wrong_number")
        return await self._command("end", "agent_ended")

    async def _renew(self, now: float) -> bool:
        if now - self._at["renewed"] < RENEWAL_PAUSE_SECONDS:
            return False
        self._at["renewed"] = now
        await self._browser.post_form("rejoin (agent)", f"/console/calls/{self.call}/rejoin")
        self.is_ours = True
        return True

    # -- the message -------------------------------------------------------------------------

    async def _write(self, now: float, *, is_to_be_sent: bool) -> None:
        """A word more, and keep what stands there; or send it."""
        if not self._writes or self._is_settled or now - self._at["saved"] < SAVE_SECONDS:
            return
        self._at["saved"] = now
        if is_to_be_sent and self._text:
            await self.send()
            return
        self._text = f"{self._text} {self._dice.choice(WORDS)}".strip()
        self._revision += 1
        answer = await self._browser.post_form("draft", f"/console/calls/{self.call}/draft", **self._form())
        kept = int(answer.fields.get("revision", -1))
        if kept == self._revision:
            self._records.drafts[self.call] = DraftRecord(self._form_key, self._revision, self._text)
        self._revision = max(self._revision, kept)

    def _form(self) -> dict[str, object]:
        typed = {"caller_name": "Kristīne Ozoliņa", "caller_number": "", "text": self._text}
        return typed | {"form_key": self._form_key, "revision": self._revision}

    @property
    def is_unsettled(self) -> bool:
        """Whether a message was sent of which nobody knows what became."""
        return self._form_key in self._record.messages and not self._is_settled

    async def send(self) -> None:
        """Send the message under its form's key, whose repeats change nothing."""
        messages = self._record.messages
        message = messages.setdefault(self._form_key, MessageRecord(self.call, self._form_key, self._text))
        path, count = f"/console/calls/{self.call}/message", 2 if self._dice.random() < TWICE else 1
        posts = (self._browser.post_form("message", path, **self._form()) for _ in range(count))
        answers = await asyncio.gather(*posts, return_exceptions=True)
        message.is_acknowledged |= any(not isinstance(answer, BaseException) for answer in answers)
        self._is_settled = message.is_acknowledged or all(isinstance(answer, Refused) for answer in answers)

    # -- the end -----------------------------------------------------------------------------

    async def wrap_up(self) -> bool:
        """Send what is written and give the result; some forget it. Whether the board is to be read again."""
        now = time.monotonic()
        self._at["over"] = min(self._at["over"], now)
        if self._writes and self._text and not self._is_settled:
            await self._write(now, is_to_be_sent=True)
            return False
        is_due = now - self._at["over"] > self._wraps_up and not self._forgets_result
        return is_due and await self._close(self._dice.choice(RESULTS))

    async def _close(self, result: str) -> bool:
        before = self._record.done["closed", self.call]
        await self._command("close", "closed", disposition=result)
        if self._record.done["closed", self.call] > before:
            self._record.results[self.call] = result
        return True

    async def _command(self, verb: str, event: str, **fields: object) -> bool:
        """Give a command. Without an answer it is not given again blindly: the board says how things stand."""
        self._record.asked[event, self.call] += 1
        try:
            await self._browser.post_form(verb, f"/console/calls/{self.call}/{verb}", **fields)
        except (Away, Refused):
            return True
        self._record.done[event, self.call] += 1
        return True
