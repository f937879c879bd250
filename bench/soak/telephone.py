"""Callers by telephone: people behind Twilio, who know only what they hear."""

import asyncio
import time
from dataclasses import dataclass
from random import Random
from xml.etree import ElementTree

from bench.soak.callers import Plan
from bench.soak.network import Network
from bench.soak.phone import a_number
from bench.soak.records import CallerRecord
from tests.twilio.state import Webhook

TICK_SECONDS = 0.25
WITHHELD = "+266696687"  # what Twilio says in place of it
FALLBACK = "<Response><Say>We are sorry.</Say><Hangup/></Response>"


@dataclass(frozen=True)
class TelephoneCallers:
    """People who dial these numbers."""

    network: Network
    numbers: tuple[str, ...]

    def person(self, dice: Random) -> "TelephoneCaller":
        number = WITHHELD if dice.random() < 0.3 else a_number(dice)
        webhook = self.network.exchange.place_call(dice.choice(self.numbers), from_=number)
        record = CallerRecord("twilio", f"{webhook.params['CallSid']}:inbound", time.time())
        return TelephoneCaller(self.network, webhook, Plan.thrown(dice), dice, record)


class TelephoneCaller:
    """One telephone call, from dialling until the line is dead."""

    def __init__(self, network: Network, webhook: Webhook, plan: Plan, dice: Random, record: CallerRecord) -> None:
        self.record = record
        self._network, self._webhook, self._plan, self._dice = network, webhook, plan, dice
        self._sid = webhook.params["CallSid"]

    async def live(self, closing: asyncio.Event) -> None:
        """Whoever hears an apology hears it to its end; whoever waits or talks hangs up at some time."""
        sent = time.time()
        document = await self._network.ask(self._webhook)
        room = ElementTree.fromstring(document or FALLBACK).findtext("Dial/Conference")  # noqa: S314 - our own document
        self.record.has_heard_apology = room is None and document is not None
        if room is None:
            await asyncio.sleep(self._dice.uniform(0.5, 4))
        else:
            self.record.public_id, self.record.last_live_at = room.strip(), sent
        self._network.exchange.follow(self._sid, document or FALLBACK)
        await self._be_in_the_call(closing)

    async def _be_in_the_call(self, closing: asyncio.Event) -> None:
        began, talked_from, leaves_at = time.monotonic(), 0.0, float("inf")
        gone_after = min(self._plan.waits, self._plan.vanishes_after)
        while not self._network.exchange.calls[self._sid].is_over:
            now = time.monotonic()
            if closing.is_set():
                leaves_at = min(leaves_at, now + self._dice.uniform(0, 3))
            if not talked_from and self._hears_somebody():
                talked_from = now
            has_talked = talked_from and now - talked_from > self._plan.talks
            has_waited = not talked_from and now - began > gone_after
            if has_talked or has_waited or now > leaves_at:
                self._hang_up()
                return
            await asyncio.sleep(TICK_SECONDS)
        self.record.over_seen_at = time.time()

    def _hears_somebody(self) -> bool:
        exchange = self._network.exchange
        with exchange.lock:
            rooms = [room for room in exchange.rooms.values() if self._sid in room.members]
            return any(room.status == "in-progress" and not room.members[self._sid].is_held for room in rooms)

    def _hang_up(self) -> None:
        """Twilio tells the house when it was, however late the house hears of it."""
        self._network.exchange.hang_up(self._sid)
        self.record.hung_up_at = self.record.hang_up_known_by = time.time()
