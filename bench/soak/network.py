"""Twilio's part: the stand-in on loopback, its callbacks under way, and the agents' pages that it rings.

Callbacks come late, twice and out of order. One that is not answered well is sent again as Twilio's "Connection
overrides" have it: as often and for such reasons as its address says, else once and only if there was no connection.
"""

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import Coroutine, Iterator
from itertools import cycle
from random import Random
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, parse_qsl, urlsplit

from bench.soak.browser import Answer, Away, Browser, Refused
from bench.soak.checks import Check, check
from bench.soak.tally import Fate, Tally
from tests.twilio.exchange import Exchange
from tests.twilio.signing import signature_of
from tests.twilio.standin import StandIn
from tests.twilio.state import LiveCall, Webhook

LOOK_SECONDS = 0.1
TOTAL_SECONDS = 15.0
OVERRIDES = "#rc=3&rp=all"  # docs/twilio.md
DEFAULT_RETRIES, DEFAULT_POLICY = "1", "ct"
# What stands before the processes waits so long for one that is being replaced (Caddyfile).
PROXY_SECONDS, PROXY_PAUSE_SECONDS = 5.0, 0.25
RING_SECONDS = 10.0  # as long as an agent is rung for
LATE, TWICE = 0.12, 0.08


class Headset:
    """An agent's page as a telephone (static/js/console_telephone.js): what rings there, and what it has taken."""

    def __init__(self, exchange: Exchange) -> None:
        self.is_registered = False
        self._exchange = exchange
        self._ringing: dict[tuple[str, int], str] = {}
        self._taken: dict[tuple[str, int], tuple[str, float]] = {}

    def ring(self, call: str, generation: int, sid: str) -> None:
        """Twilio calls."""
        self._ringing[call, generation] = sid

    def answer(self, call: str, generation: int) -> None:
        """Take the sound of this generation if it rings, and end any older one; what is newer waits."""
        for other in [each for each in self._ringing if each[0] == call and each[1] <= generation]:
            sid = self._ringing.pop(other)
            if other[1] < generation:
                self._exchange.refuse(sid)
                continue
            self.hang_up(call)
            self._exchange.answer(sid)
            self._taken[other] = (sid, time.monotonic())

    def heard_since(self, call: str, generation: int) -> float | None:
        """Since when this generation is heard; None while it is not."""
        sid, since = self._taken.get((call, generation), ("", 0.0))
        return since if sid and not self._exchange.calls[sid].is_over else None

    def hang_up(self, call: str) -> None:
        """Drop all sound of this call that has been taken."""
        for each in [each for each in self._taken if each[0] == call]:
            self._exchange.hang_up(self._taken.pop(each)[0])

    def unplug(self) -> list[str]:
        """The page is gone; the legs that were taken, which Twilio will miss sooner or later."""
        self.is_registered = False
        left = [sid for sid, _since in self._taken.values()]
        self._taken.clear()
        self._ringing.clear()
        return left


class Network:
    """Everything between people's telephones and the house. Use it with `with`, `connect` it, and let `run` run."""

    def __init__(self, tally: Tally, dice: Random) -> None:
        self._standin = StandIn()
        self.exchange = self._standin.exchange
        self._account = self.exchange.add_account()
        self._tally, self._dice = tally, dice
        self._house: tuple[str, ...] = ()
        self._public_url = ""
        self._headsets: dict[str, Headset] = {}
        self._rung: set[str] = set()
        self._tasks: set[asyncio.Task[object]] = set()

    def __enter__(self) -> Self:
        self._standin.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the port."""
        self._standin.close()

    @property
    def settings(self) -> dict[str, str]:
        """For the house that is called through this network."""
        return {
            "TWILIO_API_BASE": self._standin.url,
            "TWILIO_ACCOUNT_SID": self._account.sid,
            "TWILIO_AUTH_TOKEN": self._account.auth_token,
            "TWILIO_API_KEY": self._account.api_key,
            "TWILIO_API_SECRET": self._account.api_secret,
        }

    def connect(self, house: tuple[str, ...], public_url: str, numbers: tuple[str, ...]) -> None:
        """Lead these numbers to the house, as docs/twilio.md has it set up.

        Webhooks go to the first of its processes that is there, as they do behind Caddy.
        """
        self._house, self._public_url = house, public_url
        base = f"{public_url}/carriers/twilio"
        for number in numbers:
            addresses = {"voice_url": f"{base}/voice{OVERRIDES}", "status_callback": f"{base}/status{OVERRIDES}"}
            self.exchange.add_number(self._account, number, **addresses)

    def headset(self, identity: str) -> Headset:
        """The telephone that the agent of this name has."""
        return self._headsets.setdefault(identity, Headset(self.exchange))

    def leave_later(self, legs: list[str], seconds: float) -> None:
        """A page took these legs with it; Twilio notices after so long."""
        for sid in legs:
            self._begin(self._leave(sid, seconds))

    async def _leave(self, sid: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self.exchange.hang_up(sid)

    # -- at work -----------------------------------------------------------------------------

    async def run(self) -> None:
        """Carry callbacks and ring at headsets until cancelled."""
        while True:
            for webhook in self._told():
                self._begin(self._carry(webhook))
            for leg in self._called():
                self._begin(self._ring(leg))
            await asyncio.sleep(LOOK_SECONDS)

    def _begin(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def left_to_do(self) -> dict[str, int]:
        """What is still under way, by name; empty when the network is silent."""
        with self.exchange.lock:
            live = sum(not call.is_over for call in self.exchange.calls.values())
            waiting = len(self.exchange.webhooks)
        found = {"telephones off the hook": live, "callbacks under way": waiting + len(self._tasks)}
        return {name: count for name, count in found.items() if count}

    def checks(self) -> list[Check]:
        """What the network can prove by itself, once all is at rest."""
        return [
            check("nobody is left on the line: neither callers nor agents", self._left_on_the_line()),
            check("no conference goes on", self._conferences()),
            check("an agent is rung once for each claim", self._rings()),
            check("no callback is refused", self._refusals()),
        ]

    def _left_on_the_line(self) -> Iterator[str | None]:
        for leg in self.exchange.calls.values():
            yield None if leg.is_over else f"{leg.sid} from {leg.from_} to {leg.to} is {leg.status}"

    def _conferences(self) -> Iterator[str | None]:
        for room in self.exchange.rooms.values():
            is_over = room.status == "completed"
            yield None if is_over else f"{room.name} is {room.status} with {[*room.members]}"

    def _rings(self) -> Iterator[str | None]:
        """A page takes the same claim's sound once, so that a second leg for it would have nobody there."""
        taken = Counter(leg.to for leg in self.exchange.calls.values() if leg.to[:7] == "client:" and leg.started_at)
        for claim, count in taken.items():
            yield None if count == 1 else f"{claim} has answered {count} times"

    def _refusals(self) -> Iterator[str | None]:
        for (kind, fate), count in self._tally.fates.items():
            if kind.endswith("(Twilio)"):
                yield f"{kind}: {count}" if fate is Fate.REFUSED else None

    def _told(self) -> list[Webhook]:
        with self.exchange.lock:
            told, self.exchange.webhooks[:] = list(self.exchange.webhooks), []
        return told

    def _called(self) -> list[LiveCall]:
        with self.exchange.lock:
            new = [leg for sid, leg in self.exchange.calls.items() if sid not in self._rung and leg.to[:7] == "client:"]
        self._rung.update(leg.sid for leg in new)
        return new

    async def _ring(self, leg: LiveCall) -> None:
        await asyncio.sleep(self._dice.uniform(0.05, 0.5))
        identity, _mark, named = leg.to.removeprefix("client:").partition("?")
        headset, about = self._headsets.get(identity), dict(parse_qsl(named))
        if headset is None or not headset.is_registered:
            self.exchange.refuse(leg.sid, "no-answer")
            return
        self.exchange.ring(leg.sid)
        headset.ring(about["call"], int(about["generation"]), leg.sid)
        await asyncio.sleep(RING_SECONDS)
        if leg.status == "ringing":
            self.exchange.refuse(leg.sid, "no-answer")

    # -- what Twilio asks and tells ----------------------------------------------------------

    async def _carry(self, webhook: Webhook) -> None:
        """Bring one callback, now or late, now and then a second time."""
        await asyncio.sleep(self._dice.uniform(1, 5) if self._dice.random() < LATE else self._dice.uniform(0, 0.3))
        await self.ask(webhook)
        if self._dice.random() < TWICE:
            await asyncio.sleep(self._dice.uniform(0.1, 5))
            await self.ask(webhook)

    async def ask(self, webhook: Webhook) -> str | None:
        """The answer to a webhook; None when it failed as often as it is tried: Twilio then turns to the fallback."""
        overrides = {name: values[0] for name, values in parse_qs(urlsplit(webhook.url).fragment).items()}
        retries = int(overrides.get("rc", DEFAULT_RETRIES))
        policy = overrides.get("rp", DEFAULT_POLICY)
        token = str(uuid.UUID(int=self._dice.getrandbits(128), version=4))
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                for _attempt in range(1 + retries):
                    try:
                        return (await self._through_proxy(webhook, token)).body.decode()
                    except (Away, Refused):
                        if policy != "all":  # behind a proxy there always is a connection
                            return None
        except TimeoutError:
            return None
        return None

    async def _through_proxy(self, webhook: Webhook, token: str) -> Answer:
        """One attempt. What stands before the house goes on to the next process, or waits, when there is none."""
        address, _hash, _overrides = webhook.url.partition("#")
        signature = signature_of(self._account.auth_token, address, webhook.params)
        headers = {"X-Twilio-Signature": signature, "I-Twilio-Idempotency-Token": token}
        kind, path = f"{urlsplit(address).path.rpartition('/')[2]} (Twilio)", address.removeprefix(self._public_url)
        ends = time.monotonic() + PROXY_SECONDS
        for process in cycle(self._house):
            browser = Browser(process, self._tally, limit_seconds=TOTAL_SECONDS, headers=headers)
            try:
                return await browser.post_form(kind, path, **webhook.params)
            except Away as away:
                if not isinstance(away.__cause__, ConnectionRefusedError) or time.monotonic() > ends:
                    raise
            await asyncio.sleep(PROXY_PAUSE_SECONDS)
        raise AssertionError("a house without processes")
