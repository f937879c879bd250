"""From what was dialled to the line, and what else a new call needs to know."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from answering.lib import clock
from calls.carriers.base import InboundCall
from calls.carriers.registry import carrier_named
from calls.errors import LineUnknown
from calls.models import Caller, CallEvent
from calls.services.callers import e164
from calls.services.prepared import MARK_MOMENT, MARK_TEXT, Prepared
from calls.services.prepared import MARK_NUMBER as MARK_KEY
from clients.models import Line, Notice, ScriptVersion, Situation

KNOWN_LINES = 1_000
# Marks for `Prepared`; a telephone number must look like one.
MARK_NUMBER, MARK_CALLER, MARK_SLUG = "+11111111101", "+11111111102", f"{MARK_TEXT}-slug"
# Where a row lies and who wrote it: something else as soon as the row is changed in any way.
TABLES = ("clients_line", "clients_client", "clients_calendar", "clients_script")
STAMP = " || '/' || ".join(f"{table}.xmin::text || {table}.ctid::text" for table in TABLES)


def find_line(dialled: str) -> Line:
    """The active line of a number or slug; raises LineUnknown."""
    if not dialled.isprintable():
        raise LineUnknown
    field = "number" if dialled.startswith("+") else "slug"
    line = Line.objects.answered().filter(**{field: dialled}).first()
    if line is None:
        raise LineUnknown
    return line


@dataclass(frozen=True, slots=True)
class Reached:
    """The line that was called; the call that this arrival has made already; its usual script in force; who calls.

    `notice_until` is when the last of the notices ends that run now, None without any. `number` is the caller's in
    E.164, also when they are not known by it yet; `caller` is the number's row with no more than the name and flags of
    whom the number belongs to.
    """

    line: Line
    known_call: int | None
    script_version: int | None
    notice_until: datetime | None
    caller: Caller | None
    number: str | None


def reach(inbound: InboundCall, moment: datetime | None = None) -> Reached:
    """What a new call needs to know, in one statement; notices are those of the moment, else of now.

    Raises LineUnknown, also for a line of another account.
    """
    if not inbound.dialled.isprintable():
        raise LineUnknown
    number = e164(inbound.caller_number, "")
    query = _by_number if inbound.dialled.startswith("+") else _by_slug
    marks = {"dialled": inbound.dialled, "event_key": inbound.event_key, "number": number or ""}
    found = query.rows(moment=moment or clock.now(), **marks)
    if not found:
        raise LineUnknown
    line_id, stamp, known_call, version, notice_until, caller_id, name, is_blocked, is_always, *_joined = found[0]
    line = _line(line_id, stamp)
    if inbound.account and not carrier_named(inbound.carrier).serves(inbound.account, line):
        raise LineUnknown
    caller = None
    if caller_id is not None:
        caller = Caller(pk=caller_id, client_id=line.client_id, name=name)
        caller.is_blocked, caller.is_always_connected = is_blocked, is_always
    return Reached(line, known_call, version, notice_until, caller, number)


def _reached_by(field: str, dialled: str) -> QuerySet[Line, tuple[Any, ...]]:
    """Which line it is and whether what this process knows of it still holds; and what differs with each call."""
    known_call = CallEvent.objects.filter(carrier_event_key=MARK_TEXT).values("call")[:1]
    version = ScriptVersion.objects.filter(script=OuterRef("script")).in_force().values("pk")[:1]
    notice = Notice.objects.running(MARK_MOMENT).filter(client=OuterRef("client"))
    of_line = notice.filter(Q(line=None) | Q(line=OuterRef("pk"))).order_by("-ends_at").values("ends_at")[:1]
    caller = FilteredRelation("client__callers", condition=Q(client__callers__number=MARK_CALLER))
    stamp = RawSQL(STAMP, ())  # noqa: S611 - a constant
    lines = Line.objects.answered().filter(**{field: dialled}).annotate(caller=caller, stamp=stamp)
    known = ("name", "is_blocked", "is_always_connected")  # a merged number has those of whom it belongs to
    of_kept = [Coalesce(f"caller__merged_into__{each}", f"caller__{each}") for each in known]
    joined = ("client__name", "calendar__name", "script__name")  # named, so that their rows can be stamped
    asked = (Subquery(known_call), Subquery(version), Subquery(of_line))
    return lines.values_list("pk", "stamp", *asked, "caller__pk", *of_kept, *joined)


_marks: dict[str, object] = {"event_key": MARK_TEXT, "number": MARK_CALLER, "moment": MARK_MOMENT}
_by_number = Prepared(lambda: _reached_by("number", MARK_NUMBER), _marks | {"dialled": MARK_NUMBER})
_by_slug = Prepared(lambda: _reached_by("slug", MARK_SLUG), _marks | {"dialled": MARK_SLUG})

_in_force = Prepared(
    lambda: ScriptVersion.objects.filter(script=MARK_KEY).in_force().values_list("pk")[:1], {"script": MARK_KEY}
)


def version_in(situation: Situation, line: Line, usual: int | None) -> int | None:
    """The key of the version that a call begins with; one statement for a situation with a script of its own.

    Where that has nothing in force yet, the usual script is read.
    """
    own = line.own_script_in(situation)
    if own is None:
        return usual
    found = _in_force.rows(script=own)
    return int(found[0][0]) if found else usual


_known_lines: dict[int, tuple[str, Line]] = {}


def _line(line_id: int, stamp: str) -> Line:
    """The line with its client and calendar; kept by this process for as long as none of their rows changes."""
    known = _known_lines.get(line_id)
    if known is not None and known[0] == stamp:
        return known[1]
    if len(_known_lines) > KNOWN_LINES:
        _known_lines.clear()
    line = Line.objects.answered().filter(pk=line_id).first()
    if line is None:  # switched off since it was asked for
        raise LineUnknown
    _known_lines[line_id] = stamp, line
    return line
