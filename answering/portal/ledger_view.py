"""A call's ledger as the timeline a client reads: each second in one part."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from calls.ledger import PART_OF_STATE, Folded, Segment, fold
from calls.models import Call, CallEvent
from calls.states import CallState, EventKind

PART_NAMES: dict[str, Promise] = {
    "ring": gettext_lazy("Ringing"),
    "queue": gettext_lazy("Waiting"),
    "connect": gettext_lazy("Connecting"),
    "talk": gettext_lazy("Talking"),
    "hold": gettext_lazy("On hold"),
    "transfer": gettext_lazy("Transferring"),
}

END_NAMES: dict[str, Promise] = {
    EventKind.CALLER_LEFT: gettext_lazy("the caller hung up"),
    EventKind.AGENT_ENDED: gettext_lazy("the agent ended the call"),
    EventKind.GAVE_UP: gettext_lazy("nobody was free in time"),
    EventKind.BLOCKED: gettext_lazy("the caller is blocked"),
    EventKind.FAILED: gettext_lazy("the call failed"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One part of the call; `offset` and `seconds` are whole seconds from its start."""

    part: str
    name: str
    starts_at: datetime
    offset: int
    seconds: int
    note: str


@dataclass(frozen=True, slots=True)
class LedgerView:
    rows: tuple[Row, ...]
    starts_at: datetime
    ends_at: datetime | None
    end_note: str
    total: int

    @property
    def summary(self) -> str:
        """The bar in words, for who cannot see it."""
        return ", ".join(f"{row.name} {row.seconds} s" for row in self.rows)


def ledger_view(call: Call) -> LedgerView:
    """The timeline of a call from its events; three queries."""
    events = list(call.events.in_ledger_order().select_related("agent__user"))
    folded = fold(events)
    talker, offers = _talker(events), call.offers.count()
    rows = tuple(_row(segment, folded.started, talker, offers) for segment in folded.segments)
    return LedgerView(
        rows=rows,
        starts_at=datetime.fromtimestamp(folded.started, UTC),
        ends_at=None if folded.ended is None else datetime.fromtimestamp(folded.ended, UTC),
        end_note=_end_note(events, folded),
        total=sum(row.seconds for row in rows),
    )


def _row(segment: Segment, begin: int, talker: str, offers: int) -> Row:
    note = ""
    if segment.state == CallState.TALKING and talker:
        note = _("with %(agent)s") % {"agent": talker}
    elif segment.state == CallState.QUEUED:
        note = ngettext("offered to %(count)d agent", "offered to %(count)d agents", offers) % {"count": offers}
    part = PART_OF_STATE[segment.state]
    return Row(part, str(PART_NAMES[part]), segment.starts_at, segment.starts - begin, segment.seconds, note)


def _talker(events: Sequence[CallEvent]) -> str:
    claims = [event for event in events if event.kind == EventKind.CLAIMED and event.agent]
    return str(claims[-1].agent) if claims else ""


def _end_note(events: Sequence[CallEvent], folded: Folded) -> str:
    ends = [event for event in events if event.kind in END_NAMES]
    return str(END_NAMES[ends[0].kind]) if folded.is_over and ends else ""
