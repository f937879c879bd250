"""A call's ledger as the timeline a client reads: each second in one part."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from answering.lib.clock import epoch_second
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
    claims = [event for event in events if event.kind == EventKind.CLAIMED]
    offers = call.offers.count()
    rows = tuple(_row(segment, folded.started, _talker(claims, segment.ends), offers) for segment in folded.segments)
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


def _talker(claims: Sequence[CallEvent], second: int) -> str:
    """Who had the call just before this second."""
    earlier = [claim for claim in claims if epoch_second(claim.occurred_at) < second and claim.agent]
    return str(earlier[-1].agent) if earlier else ""


def _end_note(events: Sequence[CallEvent], folded: Folded) -> str:
    ends = [event for event in events if event.kind in END_NAMES]
    return str(END_NAMES[ends[0].kind]) if folded.is_over and ends else ""
