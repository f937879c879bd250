"""What follows from a report of Twilio's: facts for the ledger, rooms, recordings, messages.

A report may come twice, late, early, or about a call that is not ours; it speaks only for calls of its own account.
"""

from collections.abc import Callable

import structlog

from answering.outbox.receipts import note_receipt
from calls.carriers.base import CallProgress
from calls.carriers.twilio.facts import (
    SID,
    Malformed,
    Params,
    agent_progress,
    caller_left,
    conference_progress,
    inbound_text,
    recording_ready,
)
from calls.carriers.twilio.spool import Report
from calls.errors import LineUnknown
from calls.models import Call
from calls.querysets import CallQuerySet
from calls.services import note_recording, receive_text, record_progress

log = structlog.get_logger(__name__)

CARRIER = "twilio"


def take_in(report: Report) -> None:
    """Store what the report says. Raises Malformed, and what the database raises when it is away."""
    HANDLERS[report.kind](report)


def _status(report: Report) -> None:
    params = report.params
    if "call" in params:
        progress = agent_progress(params, report.received_at, params["call"], params.get("generation", ""))
        _record(progress, _calls_of(params).filter(public_id=progress.call) if progress else None)
        return
    if not SID.fullmatch(params.get("CallSid", "")):
        raise Malformed
    called = _calls_of(params).filter(carrier_call=params["CallSid"])
    public_id = called.values_list("public_id", flat=True).first()
    if public_id is None:
        log.warning("twilio.call_unknown", kind=report.kind, status=params.get("CallStatus", "")[:20])
        return
    _record(caller_left(params, report.received_at, public_id), called)


def _conference(report: Report) -> None:
    params = report.params
    room = params.get("ConferenceSid", "")
    if not SID.fullmatch(room):
        raise Malformed
    progress = conference_progress(params, report.received_at)
    named = _calls_of(params).filter(public_id=params.get("FriendlyName", ""))
    named.filter(carrier_room="").update(carrier_room=room)
    _record(progress, named)


def _record(progress: CallProgress | None, calls: CallQuerySet | None) -> None:
    if progress is None or calls is None:
        return
    if calls.exists():
        record_progress(progress)
    else:
        log.warning("twilio.call_unknown", kind=progress.kind)


def _recording(report: Report) -> None:
    params = report.params
    calls = _calls_of(params)
    room, call_sid = params.get("ConferenceSid", ""), params.get("CallSid", "")
    call = calls.filter(carrier_room=room).first() if room else calls.filter(carrier_call=call_sid or "-").first()
    if call is None:
        log.warning("twilio.call_unknown", kind=report.kind)
        return
    ready = recording_ready(params, report.received_at, call.public_id)
    if ready is not None:
        note_recording(ready)


def _message(report: Report) -> None:
    params = report.params
    if "MessageStatus" in params:
        note_receipt(params.get("MessageSid", ""), params["MessageStatus"], params.get("ErrorCode", ""))
        return
    try:
        receive_text(inbound_text(params, report.received_at))
    except LineUnknown:
        log.error("twilio.number_without_line", kind=report.kind)


def _calls_of(params: Params) -> CallQuerySet:
    return Call.objects.filter(carrier=CARRIER, carrier_account=params.get("AccountSid", ""))


HANDLERS: dict[str, Callable[[Report], None]] = {
    "status": _status,
    "conference": _conference,
    "recording": _recording,
    "message": _message,
}
