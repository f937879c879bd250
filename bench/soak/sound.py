"""How an agent hears one call: what a leg of static/js/console_audio.js does, by the call's carrier."""

import time
from typing import Protocol

from bench.soak.browser import Browser
from bench.soak.network import Headset

SDP = "v=0\r\ns=agent\r\n"
ASK_ANSWER_SECONDS, BROKEN_SECONDS = 1.0, 3.0


class Sound(Protocol):
    """The sound of one call in one page."""

    async def connect(self, generation: int) -> None:
        """Do what there is to do until this generation is heard; asked again and again. Raises Away, Refused."""

    def heard_since(self, generation: int) -> float | None:
        """Since when this generation is heard; None while it is not."""

    def is_broken(self, generation: int) -> bool:
        """Whether what was heard has been gone for so long that it is to be brought anew."""

    def close(self) -> None:
        """Drop everything."""


class BrowserSound:
    """Between two pages: this one describes its connection, the caller's page answers."""

    def __init__(self, browser: Browser, call: str) -> None:
        self._browser, self._path = browser, f"/console/calls/{call}/media"
        self._offered = self._heard = -1
        self._heard_since = self._asked_at = 0.0

    async def connect(self, generation: int) -> None:
        """Describe this generation's connection once, then ask for the caller's description until it is there."""
        media, now = f"{self._path}/{generation}", time.monotonic()
        if self._offered != generation:
            await self._browser.post_form("media (agent)", f"{media}/offer", sdp=SDP)
            self._offered = generation
        if self._heard != generation and now - self._asked_at > ASK_ANSWER_SECONDS:
            self._asked_at = now
            answer = await self._browser.get("media (agent)", f"{media}/answer")
            if answer.status != 204:
                self._heard, self._heard_since = generation, time.monotonic()

    def heard_since(self, generation: int) -> float | None:
        return self._heard_since if self._heard == generation else None

    def is_broken(self, generation: int) -> bool:
        """What two pages have between them breaks only with a page."""
        return False

    def close(self) -> None:
        self._offered = self._heard = -1


class TelephoneSound:
    """Twilio rings at this page's headset for the generation that was claimed."""

    def __init__(self, headset: Headset, call: str) -> None:
        self._headset, self._call = headset, call
        self._heard, self._lost_at = -1, 0.0

    async def connect(self, generation: int) -> None:
        self._headset.answer(self._call, generation)
        if self.heard_since(generation) is not None:
            self._heard, self._lost_at = generation, 0.0
        elif self._heard == generation and not self._lost_at:
            self._lost_at = time.monotonic()

    def heard_since(self, generation: int) -> float | None:
        return self._headset.heard_since(self._call, generation)

    def is_broken(self, generation: int) -> bool:
        return self._heard == generation and bool(self._lost_at) and time.monotonic() - self._lost_at > BROKEN_SECONDS

    def close(self) -> None:
        self._headset.hang_up(self._call)
        self._heard, self._lost_at = -1, 0.0
