"""What every carrier is to the rest of the house, and what it hands over.

A carrier turns what its network says into these frozen facts, and does what the services
decide. It is asked after commit, never inside a transaction.
"""

import enum
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from clients.models import Line


class Capability(enum.Enum):
    """What a carrier can do; what it cannot is shown to the agent, not tried."""

    HOLD = "hold"
    TRANSFER = "transfer"
    RECORD = "record"
    PLAY = "play"
    COLLECT = "collect"


@dataclass(frozen=True, slots=True)
class InboundCall:
    """Somebody calls. `dialled` is an E.164 number or a line's slug; `event_key` names this fact once and for all.

    `account` and `carrier_call` are the network's own names of whose number was called and of the caller's leg.
    """

    carrier: str
    event_key: str
    dialled: str
    occurred_at: datetime
    caller_number: str = ""
    caller_name: str = ""
    account: str = ""
    carrier_call: str = ""


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


@dataclass(frozen=True, slots=True)
class InboundText:
    """Somebody sent an SMS to a line's number."""

    carrier: str
    event_key: str
    account: str
    dialled: str
    sender_number: str
    text: str
    attachments: int
    occurred_at: datetime


class Decision(enum.Enum):
    """What to do with a new call; the carrier renders it (TwiML, JSON)."""

    QUEUE = "queue"
    REJECT = "reject"
    CLOSED = "closed"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class RoutingDecision:
    """`opens_at` is the next opening of a closed line, None when there is none or the line is open.

    `notices` are what callers may be told of why nobody answers, in the line's language.
    """

    decision: Decision
    call: uuid.UUID
    line: Line
    opens_at: datetime | None = None
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CallLegRef:
    """The call and the generation of its agent's audio that an order is about.

    An order that `is_repeated` may have been carried out before without our hearing of it.
    """

    call: uuid.UUID
    agent_id: int | None
    generation: int
    is_repeated: bool = False


class CarrierFault(Exception):
    """An order was not carried out. The text is for the operator."""


class CarrierAway(CarrierFault):
    """The network could not be reached, or did not say what became of it: to be tried again."""


class CarrierRefused(CarrierFault):
    """The network will not do this, however often it is asked."""


class Carrier(Protocol):
    """Orders to the network. Each may be given twice; the second changes nothing.

    An order outside `capabilities` raises NotSupported, one that fails CarrierAway or CarrierRefused.
    With `keeps_orders` an order is a row until it is carried out; without, it only hurries what the call's
    state says anyway, and may be lost.
    """

    name: str
    capabilities: frozenset[Capability]
    keeps_orders: bool

    def serves(self, account: str, line: Line) -> bool:
        """Whether calls to this line come through that account of the carrier's network."""

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

    def apologise(self, leg: CallLegRef) -> None:
        """Tell the caller that nobody could come and that they will be called back; then end their leg."""

    def record(self, leg: CallLegRef) -> None:
        """Start recording both sides."""

    def pause_recording(self, leg: CallLegRef) -> None:
        """Leave out what is said from now on, e.g. payment details."""

    def play(self, leg: CallLegRef, sound: str) -> None:
        """Let the caller hear a named sound or announcement."""

    def collect(self, leg: CallLegRef, prompt: str) -> None:
        """Ask the caller for a key or speech, for consent or voicemail."""
