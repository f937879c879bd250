"""Who is calling: what the house knows of this caller and this client."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Count, F, Window

from answering.console.workload import annotation
from answering.lib import clock
from calls.models import Call, Caller
from inquiries.models import Inquiry, InquiryKind, InquiryState

HISTORY_LENGTH = 4
INQUIRY_LIMIT = 60
OPEN_SHOWN = 3


@dataclass(frozen=True, slots=True)
class EarlierCall:
    call: Call
    message: Inquiry | None


@dataclass(frozen=True, slots=True)
class CallerCard:
    """One caller of one client. `sent` are the messages taken in the present call."""

    call: Call
    caller: Caller | None = None
    care: str = ""
    earlier_count: int = 0
    earlier: list[EarlierCall] = field(default_factory=list)
    open_requests: list[Inquiry] = field(default_factory=list)
    sent: list[Inquiry] = field(default_factory=list)

    @property
    def number(self) -> str:
        return self.call.caller_number

    @property
    def name(self) -> str:
        return self.call.caller_name or (self.caller.name if self.caller else "")

    @property
    def shown_requests(self) -> list[Inquiry]:
        return self.open_requests[:OPEN_SHOWN]

    @property
    def more_requests(self) -> int:
        return len(self.open_requests) - len(self.shown_requests)

    @property
    def note(self) -> str:
        return self.caller.note if self.caller else ""

    @property
    def always_connect(self) -> bool:
        return self.caller is not None and self.caller.is_always_connected


def caller_card(call: Call) -> CallerCard:
    """The caller's card; two queries whatever the history."""
    caller = call.caller.kept if call.caller else None
    inquiries = _inquiries(call, caller)
    by_call: defaultdict[int | None, list[Inquiry]] = defaultdict(list)
    for inquiry in inquiries:
        by_call[inquiry.call_id].append(inquiry)
    earlier = _earlier(call, caller)
    return CallerCard(
        call=call,
        caller=caller,
        care=caller.care_reason if caller and caller.needs_care(clock.now()) else "",
        earlier_count=annotation(earlier[0], "total") if earlier else 0,
        earlier=[EarlierCall(each, next(iter(by_call[each.pk]), None)) for each in earlier],
        open_requests=[each for each in inquiries if each.state == InquiryState.OPEN and each.call_id != call.pk],
        sent=[each for each in by_call[call.pk] if each.kind == InquiryKind.MESSAGE],
    )


def _inquiries(call: Call, caller: Caller | None) -> list[Inquiry]:
    """Requests of this caller, open ones first, or of this call alone when nobody knows who calls."""
    mine = Inquiry.objects.filter(client_id=call.client_id).select_related("contact")
    found = mine.of_caller(Caller.objects.numbers_of(caller.pk)) if caller else mine.filter(call_id=call.pk)
    return list(found.order_by("-state", "-received_at", "-pk")[:INQUIRY_LIMIT])


def _earlier(call: Call, caller: Caller | None) -> list[Call]:
    if caller is None:
        return []
    same = Call.objects.of_caller(Caller.objects.numbers_of(caller.pk)).filter(pk__lt=call.pk)
    counted = same.annotate(total=Window(Count("*"))).order_by(F("started_at").desc(), "-pk")
    return list(counted[:HISTORY_LENGTH])
