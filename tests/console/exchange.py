"""A carrier "twilio" whose network is the test."""

import uuid

from answering.lib import clock
from calls.carriers.base import CallLegRef, CallProgress, Capability, InboundCall
from calls.models import Call
from calls.services import receive_call, record_progress
from calls.states import EventKind
from clients.models import Line
from tests.console.accounts import OWN
from tests.waiting import wait_until


class Exchange:
    """Keeps what it is ordered, and reports what the test says has happened."""

    name = "twilio"
    keeps_orders = False

    def __init__(self, *capabilities: Capability) -> None:
        self.capabilities = frozenset(capabilities)
        self.orders: list[tuple[str, int]] = []

    def serves(self, account: str, line: Line) -> bool:
        return True

    def connect_agent(self, leg: CallLegRef) -> None:
        self.orders.append(("connect_agent", leg.generation))

    def hang_up_agent(self, leg: CallLegRef) -> None:
        self.orders.append(("hang_up_agent", leg.generation))

    def hold(self, leg: CallLegRef) -> None:
        self.orders.append(("hold", leg.generation))

    def resume(self, leg: CallLegRef) -> None:
        self.orders.append(("resume", leg.generation))

    def end(self, leg: CallLegRef) -> None:
        self.orders.append(("end", leg.generation))

    def apologise(self, leg: CallLegRef) -> None:
        self.orders.append(("apologise", leg.generation))

    def transfer(self, leg: CallLegRef, target: str) -> None:
        raise NotImplementedError

    def record(self, leg: CallLegRef) -> None:
        raise NotImplementedError

    def pause_recording(self, leg: CallLegRef) -> None:
        raise NotImplementedError

    def play(self, leg: CallLegRef, sound: str) -> None:
        raise NotImplementedError

    def collect(self, leg: CallLegRef, prompt: str) -> None:
        raise NotImplementedError

    def call_in(self, line: Line, *, account: str = OWN, number: str = "+37126123456", name: str = "") -> Call:
        """Somebody dials the line's number, which is the account's."""
        inbound = InboundCall(
            carrier=self.name,
            event_key=f"twilio:{uuid.uuid4()}",
            dialled=str(line.number),
            occurred_at=clock.now(),
            caller_number=number,
            caller_name=name,
            account=account,
        )
        return Call.objects.get(public_id=receive_call(inbound).call)

    def awaits(self, generation: int) -> None:
        """Wait until the agent's sound of this generation has been ordered."""
        wait_until(lambda: ("connect_agent", generation) in self.orders)

    def report(self, call: Call, kind: EventKind, generation: int | None = None) -> None:
        """What the conference's callback says."""
        record_progress(CallProgress(call.public_id, kind, str(uuid.uuid4()), clock.now(), generation=generation))
