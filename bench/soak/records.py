"""What the people themselves know in the end: the house's books are held against it.

All moments are seconds since 1970 by the clock of this machine, which the house shares.
"""

from collections import Counter
from dataclasses import dataclass, field

# A request that nobody answered may still have been carried out so long after it was sent.
CARRIED_OUT_WITHIN = 15.0


@dataclass
class CallerRecord:
    """One caller's own account of a call. `event_key` is the ledger's name of its beginning, whatever the carrier."""

    carrier: str
    event_key: str
    dialled_at: float
    public_id: str = ""
    last_live_at: float = 0.0  # sent then, and answered: the call lives
    last_sign_at: float = 0.0  # the house cannot have heard of the caller later than this
    hung_up_at: float = 0.0
    hang_up_known_by: float = 0.0  # with the longest that any report of it was under way
    left_at: float = 0.0  # said goodbye, and did not come back
    over_seen_at: float = 0.0
    outcome_seen: str = ""
    number_left: str = ""  # and acknowledged
    has_heard_apology: bool = False  # for a fault of the house's, instead of being taken

    def note_sign(self, sent: float, answered: float | None) -> None:
        """A sign of life was sent; without an answer nobody knows when it arrived."""
        self.last_sign_at = max(self.last_sign_at, answered or sent + CARRIED_OUT_WITHIN)

    def note_hang_up(self, sent: float, answered: float | None) -> None:
        """The hang-up was reported, with how long ago it was when this was sent."""
        under_way = (answered or sent + CARRIED_OUT_WITHIN) - sent
        self.hang_up_known_by = max(self.hang_up_known_by, self.hung_up_at + under_way)


@dataclass
class MessageRecord:
    """A message under its form's key, from the first attempt to send it."""

    call: str
    form_key: str
    text: str
    is_acknowledged: bool = False


@dataclass
class DraftRecord:
    """What was typed in a call, as far as the house has said that it keeps it."""

    form_key: str
    revision: int
    text: str


@dataclass
class AgentRecord:
    """What one agent was told has been done. `asked` counts every attempt, `done` what was acknowledged."""

    email: str
    asked: Counter[tuple[str, str]] = field(default_factory=Counter)  # (kind of event, call)
    done: Counter[tuple[str, str]] = field(default_factory=Counter)
    results: dict[str, str] = field(default_factory=dict)  # disposition by call
    messages: dict[str, MessageRecord] = field(default_factory=dict)


@dataclass
class Records:
    """Everybody's."""

    callers: list[CallerRecord] = field(default_factory=list)
    agents: list[AgentRecord] = field(default_factory=list)
    drafts: dict[str, DraftRecord] = field(default_factory=dict)  # the last one of each call
