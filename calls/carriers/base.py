"""What every carrier is to the rest of the house, and what it hands over.

A carrier turns what its network says into these frozen facts, and does what the services
decide. It is asked after commit, never inside a transaction.
"""

import enum
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Capability(enum.Enum):
    """What a carrier can do; what it cannot is shown to the agent, not tried."""

    HOLD = "hold"
    TRANSFER = "transfer"
    RECORD = "record"
    PLAY = "play"
    COLLECT = "collect"


@dataclass(frozen=True, slots=True)
class InboundCall:
    """Somebody calls. `dialled` is an E.164 number or a line's slug; `event_key` names this fact once and for all."""

    carrier: str
    event_key: str
    dialled: str
    occurred_at: datetime
    caller_number: str = ""
    caller_name: str = ""


@dataclass(frozen=True, slots=True)
class CallProgress:
    """The carrier's network reports on a call that it knows by our id. `kind` is an `EventKind`."""

    call: uuid.UUID
    kind: str
    event_key: str
    occurred_at: datetime
    sequence: int = 0
    generation: int | None = None


@dataclass(frozen=True, slots=True)
class RecordingReady:
    """A recording can be fetched from the carrier."""

    call: uuid.UUID
    event_key: str
    occurred_at: datetime
    location: str
    seconds: int


class Decision(enum.Enum):
    """What to do with a new call; the carrier renders it (TwiML, JSON)."""

    QUEUE = "queue"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class RoutingDecision:
    decision: Decision
    call: uuid.UUID


@dataclass(frozen=True, slots=True)
class CallLegRef:
    """The call and the generation of its agent's audio that an order is about."""

    call: uuid.UUID
    agent_id: int | None
    generation: int


class Carrier(Protocol):
    """Orders to the network. Each may be given twice; the second changes nothing.

    An order outside `capabilities` raises NotSupported.
    """

    name: str
    capabilities: frozenset[Capability]

    def connect_agent(self, leg: CallLegRef) -> None:
        """Bring the agent's audio of this generation to the caller."""

    def hang_up_agent(self, leg: CallLegRef) -> None:
        """Drop the agent's audio of this generation; the caller stays."""

    def hold(self, leg: CallLegRef) -> None:
        """Let the caller hear music instead of the agent."""

    def resume(self, leg: CallLegRef) -> None:
        """Bring agent and caller together again."""

    def transfer(self, leg: CallLegRef, target: str) -> None:
        """Connect the caller with another number (E.164) or agent."""

    def end(self, leg: CallLegRef) -> None:
        """End the caller's leg and with it the call."""

    def record(self, leg: CallLegRef) -> None:
        """Start recording both sides."""

    def pause_recording(self, leg: CallLegRef) -> None:
        """Leave out what is said from now on, e.g. payment details."""

    def play(self, leg: CallLegRef, sound: str) -> None:
        """Let the caller hear a named sound or announcement."""

    def collect(self, leg: CallLegRef, prompt: str) -> None:
        """Ask the caller for a key or speech, for consent or voicemail."""
