"""Resources as Twilio writes them in JSON: every field that its OpenAPI document names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from tests.twilio.state import Application, LiveCall, Member, Number, Room, Subscriber, Text

ROOT = "/2010-04-01"
VERSION = "2010-04-01"
Shape = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """An answer: HTTP status and document; None has no body."""

    status: int
    document: Shape | None


def refusal(status: int, code: int, message: str) -> Told:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return Told(status, {"code": code, "message": message, "more_info": more, "status": status})


def account(found: Subscriber) -> Shape:
    return {
        "auth_token": found.auth_token,
        "date_created": None,
        "date_updated": None,
        "friendly_name": found.name,
        "owner_account_sid": found.sid,
        "sid": found.sid,
        "status": found.status,
        "subresource_uris": {},
        "type": "Full",
        "uri": f"{ROOT}/Accounts/{found.sid}.json",
    }


def call(found: LiveCall) -> Shape:
    return _dated(found.created_at) | {
        "account_sid": found.account_sid,
        "answered_by": None,
        "api_version": VERSION,
        "caller_name": found.caller_name or None,
        "direction": found.direction,
        "duration": str(found.seconds) if found.is_over else None,
        "end_time": _moment(found.ended_at),
        "forwarded_from": None,
        "from": found.from_,
        "from_formatted": found.from_,
        "group_sid": None,
        "parent_call_sid": None,
        "phone_number_sid": None,
        "price": None,
        "price_unit": "USD",
        "queue_time": "0",
        "sid": found.sid,
        "start_time": _moment(found.started_at),
        "status": found.status,
        "subresource_uris": {},
        "to": found.to,
        "to_formatted": found.to,
        "trunk_sid": None,
        "uri": f"{ROOT}/Accounts/{found.account_sid}/Calls/{found.sid}.json",
    }


def conference(found: Room) -> Shape:
    return _dated(found.created_at) | {
        "account_sid": found.account_sid,
        "api_version": VERSION,
        "call_sid_ending_conference": found.ended_by or None,
        "friendly_name": found.name,
        "reason_conference_ended": found.end_reason or None,
        "region": "ie1",
        "sid": found.sid,
        "status": found.status,
        "subresource_uris": {},
        "uri": f"{ROOT}/Accounts/{found.account_sid}/Conferences/{found.sid}.json",
    }


def participant(room: Room, found: Member, leg: LiveCall) -> Shape:
    status = "connected" if found.has_joined else {"ringing": "ringing"}.get(leg.status, "queued")
    return _dated(found.created_at) | {
        "account_sid": room.account_sid,
        "call_sid": found.call_sid,
        "call_sid_to_coach": None,
        "coaching": False,
        "conference_sid": room.sid,
        "end_conference_on_exit": found.ends,
        "hold": found.is_held,
        "label": found.label or None,
        "muted": found.is_muted,
        "queue_time": "0",
        "start_conference_on_enter": found.starts,
        "status": status,
        "uri": f"{ROOT}/Accounts/{room.account_sid}/Conferences/{room.sid}/Participants/{found.call_sid}.json",
    }


def message(found: Text) -> Shape:
    return _dated(found.created_at) | {
        "account_sid": found.account_sid,
        "api_version": VERSION,
        "body": found.body,
        "date_sent": None,
        "direction": "outbound-api",
        "error_code": found.error_code,
        "error_message": None,
        "from": found.from_,
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": "1",
        "price": None,
        "price_unit": "USD",
        "sid": found.sid,
        "status": found.status,
        "subresource_uris": {},
        "to": found.to,
        "uri": f"{ROOT}/Accounts/{found.account_sid}/Messages/{found.sid}.json",
    }


def number(found: Number) -> Shape:
    return _dated(found.created_at) | {
        "account_sid": found.account_sid,
        "address_requirements": "none",
        "address_sid": None,
        "api_version": VERSION,
        "beta": False,
        "bundle_sid": None,
        "capabilities": {"fax": False, "mms": False, "sms": found.can_sms, "voice": True},
        "emergency_address_sid": None,
        "emergency_address_status": "unregistered",
        "emergency_status": "Inactive",
        "friendly_name": found.number,
        "identity_sid": None,
        "origin": "twilio",
        "phone_number": found.number,
        "sid": found.sid,
        "sms_application_sid": found.sms_application_sid or None,
        "sms_fallback_method": "POST",
        "sms_fallback_url": found.sms_fallback_url or None,
        "sms_method": found.sms_method,
        "sms_url": found.sms_url or None,
        "status": "in-use",
        "status_callback": found.status_callback or None,
        "status_callback_method": found.status_callback_method,
        "trunk_sid": found.trunk_sid or None,
        "type": "local",
        "uri": f"{ROOT}/Accounts/{found.account_sid}/IncomingPhoneNumbers/{found.sid}.json",
        "voice_application_sid": found.voice_application_sid or None,
        "voice_caller_id_lookup": False,
        "voice_fallback_method": found.voice_fallback_method,
        "voice_fallback_url": found.voice_fallback_url or None,
        "voice_method": found.voice_method,
        "voice_receive_mode": "voice",
        "voice_url": found.voice_url or None,
    }


def application(found: Application) -> Shape:
    return _dated(found.created_at) | {
        "account_sid": found.account_sid,
        "api_version": VERSION,
        "friendly_name": found.name,
        "message_status_callback": None,
        "public_application_connect_enabled": False,
        "sid": found.sid,
        "sms_fallback_method": "POST",
        "sms_fallback_url": None,
        "sms_method": "POST",
        "sms_status_callback": None,
        "sms_url": None,
        "status_callback": None,
        "status_callback_method": "POST",
        "uri": f"{ROOT}/Accounts/{found.account_sid}/Applications/{found.sid}.json",
        "voice_caller_id_lookup": False,
        "voice_fallback_method": "POST",
        "voice_fallback_url": None,
        "voice_method": "POST",
        "voice_url": found.voice_url or None,
    }


def page(name: str, items: Sequence[Shape], *, path: str, number: int, size: int) -> Shape:
    """One page of a list, with the address of the next while there is one."""
    first, shown = number * size, list(items[number * size : (number + 1) * size])
    has_next = first + size < len(items)
    joint = "&" if "?" in path else "?"
    at = f"{path}{joint}PageSize={size}&Page="
    return {
        "end": first + max(len(shown) - 1, 0),
        "first_page_uri": f"{at}0",
        "next_page_uri": f"{at}{number + 1}&PageToken=PA{number + 1}" if has_next else None,
        "page": number,
        "page_size": size,
        "previous_page_uri": f"{at}{number - 1}" if number else None,
        "start": first,
        "uri": f"{at}{number}",
        name: shown,
    }


def _dated(created_at: datetime) -> Shape:
    return {"date_created": _moment(created_at), "date_updated": _moment(created_at)}


def _moment(moment: datetime | None) -> str | None:
    return format_datetime(moment) if moment is not None else None
