"""Twilio's parameters read into facts (its documentation: "TwiML Voice: your application", "Conference", "Call status
callbacks", "Messaging webhooks"). Pure: nothing here asks the database."""

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from calls.carriers.base import CallProgress, InboundCall, InboundText, RecordingReady
from calls.states import EventKind

Params = Mapping[str, str]

LABEL = re.compile(r"claim-(?P<call>[0-9a-f-]{36})-(?P<generation>[0-9]{1,9})")
CALLER_LABEL = "caller"
SID = re.compile(r"[A-Z]{2}[0-9a-fA-F]{32}")
E164 = re.compile(r"\+[1-9][0-9]{5,14}")
# Numbers that Twilio puts in place of one that is withheld: ANONYMOUS, BLOCKED, RESTRICTED, UNAVAILABLE on a keypad.
WITHHELD = frozenset({"+266696687", "+2562533", "+7378742833", "+86282452253", "+8656696"})
FAILED_STATUSES = frozenset({"busy", "failed", "no-answer", "canceled"})
OVER_STATUSES = FAILED_STATUSES | {"completed"}
# The caller has left the conference, but not the call: we have moved them.
MOVED = "participant_updated_via_api"
NOT_ADDED = "participant_add_failed"
LARGEST_NUMBER = 2**31 - 1


class Malformed(Exception):
    """Signed by Twilio, and yet without what such a request must have."""


def label_of(call: uuid.UUID, generation: int) -> str:
    """The name of the agent's leg of this generation, by which it is looked up before it is made again."""
    return f"claim-{call}-{generation}"


def inbound_call(params: Params, now: datetime) -> InboundCall:
    """Somebody calls one of our numbers. Raises Malformed without a call's SID or a number."""
    sid, dialled = params.get("CallSid", ""), params.get("To", "").strip()
    if not SID.fullmatch(sid) or not E164.fullmatch(dialled):
        raise Malformed
    return InboundCall(
        carrier="twilio",
        event_key=f"{sid}:inbound",
        dialled=dialled,
        occurred_at=now,
        caller_number=shown_number(params.get("From", "")),
        caller_name=params.get("CallerName", ""),
        account=params.get("AccountSid", ""),
        carrier_call=sid,
    )


def shown_number(number: str) -> str:
    """A caller's number in E.164; empty when it is withheld, a SIP address or a client's name."""
    number = number.strip()
    return number if E164.fullmatch(number) and number not in WITHHELD else ""


def conference_progress(params: Params, now: datetime) -> CallProgress | None:
    """What an event of a conference says of its call; None when it says nothing. Raises Malformed."""
    event, call = params.get("StatusCallbackEvent", ""), _call_named(params.get("FriendlyName", ""))
    label = params.get("ParticipantLabel") or params.get("ParticipantLabelEndingConference") or ""
    leg = LABEL.fullmatch(label)
    if leg is not None and leg["call"] != str(call):
        raise Malformed
    kind = _kind_for_agent(event, params) if leg else _kind_for_caller(event, label, params)
    if kind is None:
        return None
    room = params.get("ConferenceSid", "")
    return CallProgress(
        call=call,
        kind=kind,
        event_key=_event_key(room, params, event, params.get("CallSid", "")),
        occurred_at=moment(params, now),
        sequence=_number(params.get("SequenceNumber")) or 0,
        generation=int(leg["generation"]) if leg else None,
    )


def _kind_for_agent(event: str, params: Params) -> EventKind | None:
    if event == "participant-join":
        return EventKind.AGENT_JOINED
    if event != "participant-leave":
        return None
    return EventKind.AGENT_FAILED if params.get("ReasonParticipantLeft") == NOT_ADDED else EventKind.AUDIO_LOST


def _kind_for_caller(event: str, label: str, params: Params) -> EventKind | None:
    has_left = event in ("participant-leave", "conference-end") and label == CALLER_LABEL
    return EventKind.CALLER_LEFT if has_left and params.get("ReasonParticipantLeft") != MOVED else None


def agent_progress(params: Params, now: datetime, call: str, generation: str) -> CallProgress | None:
    """What a leg that we have called for an agent reports; `call` and `generation` are those in its address."""
    status = params.get("CallStatus", "")
    named, number = _call_named(call), _number(generation)
    if number is None:
        raise Malformed
    if status not in OVER_STATUSES:
        return None
    kind = EventKind.AUDIO_LOST if status == "completed" else EventKind.AGENT_FAILED
    return CallProgress(named, kind, *_reported(params, status, now), generation=number)


def caller_left(params: Params, now: datetime, call: uuid.UUID) -> CallProgress | None:
    """The caller's leg is over; None while it is not."""
    status = params.get("CallStatus", "")
    if status not in OVER_STATUSES:
        return None
    return CallProgress(call, EventKind.CALLER_LEFT, *_reported(params, status, now))


def recording_ready(params: Params, now: datetime, call: uuid.UUID) -> RecordingReady | None:
    """A recording of the call that can be fetched; None for one that has only begun or has failed. Raises Malformed."""
    sid, status = params.get("RecordingSid", ""), params.get("RecordingStatus", "completed")
    if not SID.fullmatch(sid) or not params.get("RecordingUrl", "").startswith("https://"):
        raise Malformed
    if status != "completed":
        return None
    seconds = _number(params.get("RecordingDuration")) or 0
    return RecordingReady(call, f"{sid}:{status}", moment(params, now), params["RecordingUrl"][:500], seconds)


def inbound_text(params: Params, now: datetime) -> InboundText:
    """Somebody sent an SMS or MMS. Raises Malformed without its SID or one of our numbers."""
    sid, dialled = params.get("MessageSid", ""), params.get("To", "").strip()
    if not SID.fullmatch(sid) or not E164.fullmatch(dialled):
        raise Malformed
    return InboundText(
        carrier="twilio",
        event_key=f"{sid}:inbound",
        account=params.get("AccountSid", ""),
        dialled=dialled,
        sender_number=params.get("From", "").strip(),
        text=params.get("Body", ""),
        attachments=min(_number(params.get("NumMedia")) or 0, 100),
        occurred_at=now,
    )


def _reported(params: Params, status: str, now: datetime) -> tuple[str, datetime, int]:
    sid = params.get("CallSid", "")
    return _event_key(sid, params, status), moment(params, now), _number(params.get("SequenceNumber")) or 0


def _event_key(sid: str, params: Params, *otherwise: str) -> str:
    """The name of the fact: whose it is and its number, or what it says where Twilio gave none."""
    if not SID.fullmatch(sid):
        raise Malformed
    number = _number(params.get("SequenceNumber"))
    return ":".join([sid, *otherwise] if number is None else [sid, str(number)])[:120]


def moment(params: Params, now: datetime) -> datetime:
    """Twilio's `Timestamp` (RFC 2822), or now where there is none that can be read."""
    try:
        told = parsedate_to_datetime(params.get("Timestamp", ""))
        return end_of_second((told if told.tzinfo else told.replace(tzinfo=UTC)).astimezone(UTC))
    except (ValueError, TypeError, IndexError, OverflowError):
        return now


def end_of_second(told: datetime) -> datetime:
    """The last moment of the second that Twilio tells: what we did in that second came before.

    Twilio cuts the fraction off; seconds in the ledger stay what they are.
    """
    return told.replace(microsecond=999_999)


def _call_named(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Malformed from None


def _number(text: str | None) -> int | None:
    if text is None or not (text.isascii() and text.isdigit()):
        return None
    return min(int(text[:12]), LARGEST_NUMBER)
