"""An agent made of voice.js in a page and of the services called from here: the caller's counterpart in tests."""

from datetime import timedelta
from typing import Any

from playwright.sync_api import Page

from answering.accounts.models import Agent
from answering.lib import clock
from calls.models import Call, CallLeg, MediaExchange, Party
from calls.services import claim_call, note_heartbeat, offer_media
from tests.waiting import wait_until

OPEN = """async () => {
  const { Voice } = await import("/static/js/voice.js");
  window.voice = new Voice({ iceServers: [], onState: (state) => { document.body.dataset.connection = state; } });
  await voice.openMicrophone();
}"""


class VoiceAgent:
    """Sits at any page of the house, whose scripts it borrows."""

    def __init__(self, page: Page, agent: Agent) -> None:
        self.page, self.agent = page, agent
        page.evaluate(OPEN)

    def answer(self) -> Call:
        """Take the call that waits and talk: both sides hear each other when this returns."""
        waiting = wait_until(lambda: list(Call.objects.waiting()))
        call = claim_call(waiting[0].pk, agent=self.agent)
        self.connect(call)
        return call

    def connect(self, call: Call) -> None:
        """Offer sound for the call's generation and report it until both sides hear."""
        call.refresh_from_db()
        generation = call.generation
        sdp: str = self.page.evaluate("(generation) => voice.makeOffer(generation)", generation)
        offer_media(call, generation=generation, sdp=sdp)
        answered = MediaExchange.objects.filter(call=call, generation=generation).exclude(answer_sdp="")
        answer = wait_until(lambda: list(answered.values_list("answer_sdp", flat=True)))[0]
        self.page.evaluate("([generation, sdp]) => voice.acceptAnswer(generation, sdp)", [generation, answer])
        wait_until(lambda: self.beat(call) and self._talks(call), 20)
        self._stay(call)

    def beat(self, call: Call) -> int:
        """Report what is heard; gives the number of packets."""
        packets, generation = self._heard()
        call.refresh_from_db()
        note_heartbeat(call, party=Party.AGENT, generation=generation, packets_received=packets)
        return packets

    def hears_more(self) -> bool:
        """Whether sound arrives now."""
        before, _generation = self._heard()
        wait_until(lambda: self._heard()[0] > before + 10)
        return True

    def _stay(self, call: Call) -> None:
        """Nobody beats for this agent while the test looks at the caller's page, however slow the machine is."""
        CallLeg.objects.filter(call=call, party=Party.AGENT).update(heartbeat_at=clock.now() + timedelta(minutes=5))

    def _heard(self) -> tuple[int, int]:
        found: dict[str, Any] = self.page.evaluate(
            "async () => ({ packets: await voice.packetsReceived(), generation: voice.generation })"
        )
        return found["packets"], found["generation"]

    def _talks(self, call: Call) -> bool:
        call.refresh_from_db()
        return call.state == "talking"
