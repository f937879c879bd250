"""A carrier that only writes down what it is told."""

from django.db import connection

from calls.carriers.base import CallLegRef, Capability
from clients.models import Line


class SpyCarrier:
    name = "spy"
    capabilities = frozenset({Capability.HOLD})
    keeps_orders = False

    def __init__(self) -> None:
        self.orders: list[tuple[str, int | None, int]] = []
        self.asked_inside_transaction = False

    def serves(self, account: str, line: Line) -> bool:
        return account == ""

    def connect_agent(self, leg: CallLegRef) -> None:
        self._note("connect_agent", leg)

    def hang_up_agent(self, leg: CallLegRef) -> None:
        self._note("hang_up_agent", leg)

    def hold(self, leg: CallLegRef) -> None:
        self._note("hold", leg)

    def resume(self, leg: CallLegRef) -> None:
        self._note("resume", leg)

    def transfer(self, leg: CallLegRef, target: str) -> None:
        self._note("transfer", leg)

    def end(self, leg: CallLegRef) -> None:
        self._note("end", leg)

    def apologise(self, leg: CallLegRef) -> None:
        self._note("apologise", leg)

    def record(self, leg: CallLegRef) -> None:
        self._note("record", leg)

    def pause_recording(self, leg: CallLegRef) -> None:
        self._note("pause_recording", leg)

    def play(self, leg: CallLegRef, sound: str) -> None:
        self._note("play", leg)

    def collect(self, leg: CallLegRef, prompt: str) -> None:
        self._note("collect", leg)

    def _note(self, order: str, leg: CallLegRef) -> None:
        self.asked_inside_transaction |= connection.in_atomic_block
        self.orders.append((order, leg.agent_id, leg.generation))
