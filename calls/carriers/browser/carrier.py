from answering.push.channels import agent_channel, call_channel
from answering.push.hints import hint
from calls.carriers.base import CallLegRef, Capability
from calls.errors import NotSupported
from clients.models import Line


class BrowserCarrier:
    """Two web pages with WebRTC audio between them.

    The pages carry out what the call's state says; an order is only a hint to read it.
    """

    name = "browser"
    capabilities = frozenset({Capability.HOLD, Capability.PLAY})
    keeps_orders = False

    def serves(self, account: str, line: Line) -> bool:
        return account == ""

    def connect_agent(self, leg: CallLegRef) -> None:
        self._read_again(leg)

    def hang_up_agent(self, leg: CallLegRef) -> None:
        self._read_again(leg)

    def hold(self, leg: CallLegRef) -> None:
        self._read_again(leg)

    def resume(self, leg: CallLegRef) -> None:
        self._read_again(leg)

    def end(self, leg: CallLegRef) -> None:
        self._read_again(leg)

    def apologise(self, leg: CallLegRef) -> None:
        """The page says it."""
        self._read_again(leg)

    def play(self, leg: CallLegRef, sound: str) -> None:
        """Waiting and hold music are chosen by the caller's page from the call's state."""
        self._read_again(leg)

    def transfer(self, leg: CallLegRef, target: str) -> None:
        raise NotSupported

    def record(self, leg: CallLegRef) -> None:
        raise NotSupported

    def pause_recording(self, leg: CallLegRef) -> None:
        raise NotSupported

    def collect(self, leg: CallLegRef, prompt: str) -> None:
        raise NotSupported

    def _read_again(self, leg: CallLegRef) -> None:
        hint(call_channel(leg.call), "call", call=str(leg.call))
        if leg.agent_id is not None:
            hint(agent_channel(leg.agent_id), "call", call=str(leg.call))
