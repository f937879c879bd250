"""What is asked of Twilio's REST API, in terms of calls and messages."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from twilio.rest import Client

from answering.twilio.accounts import Account
from answering.twilio.errors import NotFound, Refused, Unreachable
from answering.twilio.http import BoundedClient
from answering.twilio.sids import is_message_sid, is_sid

T = TypeVar("T")

CALL_EVENTS = ("initiated", "ringing", "answered", "completed")
CONFERENCE_EVENTS = ("start", "end", "join", "leave")
CALL_IS_OVER = 21220
LISTED = 50
MOST_MESSAGES = 200
MOST_NUMBERS, NUMBERS_A_PAGE = 5000, 500

_client = BoundedClient()


@dataclass(frozen=True, slots=True)
class ParticipantRef:
    call_sid: str
    conference_sid: str


@dataclass(frozen=True, slots=True)
class CallFacts:
    """`status` as Twilio spells it: queued, ringing, in-progress, completed, busy, failed, no-answer, canceled."""

    sid: str
    status: str
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class MessageRef:
    """`status` as Twilio spells it: queued, sending, sent, delivered, undelivered, failed."""

    sid: str
    status: str
    error_code: str = ""


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A number of the account and where Twilio turns when it is called or written to; empty where nothing is set."""

    sid: str
    number: str
    voice_url: str
    voice_method: str
    voice_fallback_url: str
    voice_fallback_method: str
    status_callback: str
    status_callback_method: str
    can_sms: bool
    sms_url: str
    sms_method: str
    sms_fallback_url: str
    voice_application_sid: str
    sms_application_sid: str
    trunk_sid: str


@dataclass(frozen=True, slots=True)
class ApplicationFacts:
    """A TwiML application; `voice_url` is asked when a browser calls through it."""

    sid: str
    name: str
    voice_url: str


class Api:
    """The REST API for one account. Every method may raise a TwilioError; none waits longer than five seconds,
    lists five seconds a page. Not to be used inside a transaction.

    `with_key` signs requests with the API key instead of the auth token.
    """

    def __init__(self, account: Account, *, with_key: bool = False) -> None:
        user, secret = (account.api_key, account.api_secret) if with_key else (account.sid, account.auth_token)
        self._account = account
        self._twilio = Client(user, secret, account.sid, http_client=_client)

    # -- conferences -----------------------------------------------------------------------

    def add_participant(
        self,
        conference: str,
        *,
        to: str,
        caller_id: str,
        label: str,
        status_callback: str,
        conference_callback: str,
        ring_seconds: int = 15,
    ) -> ParticipantRef:
        """Call `to` into the conference (SID or name); who answers starts it and does not end it by leaving.

        Never repeated: after Unreachable look with `find_participant` before you try again.
        """

        def create() -> ParticipantRef:
            participant = self._twilio.conferences(conference).participants.create(
                from_=caller_id,
                to=to,
                label=label,
                timeout=ring_seconds,
                start_conference_on_enter=True,
                end_conference_on_exit=False,
                beep="false",
                early_media=False,
                status_callback=status_callback,
                status_callback_method="POST",
                status_callback_event=list(CALL_EVENTS),
                conference_status_callback=conference_callback,
                conference_status_callback_method="POST",
                conference_status_callback_event=list(CONFERENCE_EVENTS),
            )
            return _participant(participant)

        return _understood(create)

    def find_conference(self, friendly_name: str) -> str | None:
        """The SID of the conference of this name that has not ended."""

        def find() -> str | None:
            found = self._twilio.conferences.list(friendly_name=friendly_name, limit=LISTED, page_size=LISTED)
            return next((_sid(each.sid, "CF") for each in found if each.status in ("init", "in-progress")), None)

        return _understood(find)

    def find_participant(self, conference_sid: str, label: str) -> ParticipantRef | None:
        """Who is in the conference, or is being called into it, under this label."""
        try:
            return _understood(
                lambda: _participant(self._twilio.conferences(conference_sid).participants(label).fetch())
            )
        except NotFound:
            return None

    def hold_participant(self, conference_sid: str, call_sid: str, *, is_held: bool) -> None:
        """Let a participant hear music instead of the conference, or bring them back."""
        _understood(lambda: self._twilio.conferences(conference_sid).participants(call_sid).update(hold=is_held))

    def remove_participant(self, conference_sid: str, call_sid_or_label: str) -> bool:
        """Hang up this participant; False if they were not there."""
        try:
            _understood(lambda: self._twilio.conferences(conference_sid).participants(call_sid_or_label).delete())
        except NotFound:
            return False
        return True

    # -- calls -----------------------------------------------------------------------------

    def move_call(self, call_sid: str, *, twiml: str) -> bool:
        """Let the call go on with this document; False if it was over already."""
        return self._update_call(call_sid, twiml=twiml)

    def end_call(self, call_sid: str) -> bool:
        """Hang up; False if it was over already."""
        return self._update_call(call_sid, status="completed")

    def _update_call(self, call_sid: str, **change: str) -> bool:
        try:
            _understood(lambda: self._twilio.calls(call_sid).update(**change))
        except NotFound:
            return False
        except Refused as error:
            if error.code != CALL_IS_OVER:
                raise
            return False
        return True

    def fetch_call(self, call_sid: str) -> CallFacts:
        """How a call stands. Raises NotFound."""

        def fetch() -> CallFacts:
            call = self._twilio.calls(call_sid).fetch()
            return CallFacts(_sid(call.sid, "CA"), _text(call.status), _moment(call.start_time), _moment(call.end_time))

        return _understood(fetch)

    # -- messages --------------------------------------------------------------------------

    def send_message(self, *, sender: str, recipient: str, body: str, status_callback: str) -> MessageRef:
        """Hand over an SMS. Never repeated: after Unreachable look with `find_message` before you try again."""

        def create() -> MessageRef:
            return _message(
                self._twilio.messages.create(from_=sender, to=recipient, body=body, status_callback=status_callback)
            )

        return _understood(create)

    def find_message(
        self, *, sender: str, recipient: str, body: str, since: datetime, known: Collection[str] = ()
    ) -> MessageRef | None:
        """The oldest SMS with this text handed over since then, leaving out the SIDs in `known`.

        Twilio puts words of its own before the text on trial accounts, so that the end of it is compared.
        """

        def find() -> MessageRef | None:
            recent = islice(_newest(self._twilio.messages.stream(from_=sender, to=recipient), since), MOST_MESSAGES)
            found = [each for each in recent if each.sid not in known and _same_text(each.body, body)]
            return _message(found[-1]) if found else None

        return _understood(find)

    # -- the account -----------------------------------------------------------------------

    def phone_numbers(self) -> list[PhoneNumber]:
        """All numbers of the account; one request for 500."""

        def read() -> list[PhoneNumber]:
            found = self._twilio.incoming_phone_numbers.list(limit=MOST_NUMBERS, page_size=NUMBERS_A_PAGE)
            return [_number(each) for each in found]

        return _understood(read)

    def account_status(self) -> str:
        """active, suspended or closed."""
        return _understood(lambda: _text(self._twilio.api.v2010.accounts(self._account.sid).fetch().status))

    def application(self, sid: str) -> ApplicationFacts:
        """A TwiML application. Raises NotFound."""

        def fetch() -> ApplicationFacts:
            found = self._twilio.applications(sid).fetch()
            return ApplicationFacts(_sid(found.sid, "AP"), found.friendly_name or "", found.voice_url or "")

        return _understood(fetch)


def _understood(ask: Callable[[], T]) -> T:
    """What is asked, when the answer is what Twilio documents; anything else is no answer."""
    try:
        return ask()
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise Unreachable(f"Twilio's answer makes no sense ({type(error).__name__}).") from error


def _participant(found: Any) -> ParticipantRef:
    return ParticipantRef(_sid(found.call_sid, "CA"), _sid(found.conference_sid, "CF"))


def _message(found: Any) -> MessageRef:
    if not is_message_sid(found.sid):
        raise ValueError("not a message SID")
    return MessageRef(found.sid, _text(found.status), str(found.error_code or ""))


def _newest(messages: Iterator[Any], since: datetime) -> Iterator[Any]:
    """Twilio lists the newest first."""
    for message in messages:
        created_at = _moment(message.date_created)
        if created_at is not None and created_at < since:
            return
        yield message


def _same_text(theirs: str | None, ours: str) -> bool:
    return " ".join((theirs or "").split()).endswith(" ".join(ours.split()))


def _number(found: Any) -> PhoneNumber:
    return PhoneNumber(
        sid=_sid(found.sid, "PN"),
        number=_text(found.phone_number),
        voice_url=found.voice_url or "",
        voice_method=found.voice_method or "",
        voice_fallback_url=found.voice_fallback_url or "",
        voice_fallback_method=found.voice_fallback_method or "",
        status_callback=found.status_callback or "",
        status_callback_method=found.status_callback_method or "",
        can_sms=_can_sms(found.capabilities),
        sms_url=found.sms_url or "",
        sms_method=found.sms_method or "",
        sms_fallback_url=found.sms_fallback_url or "",
        voice_application_sid=found.voice_application_sid or "",
        sms_application_sid=found.sms_application_sid or "",
        trunk_sid=found.trunk_sid or "",
    )


def _can_sms(capabilities: object) -> bool:
    """Twilio writes it as sms, and in older answers as SMS."""
    return isinstance(capabilities, Mapping) and bool(capabilities.get("sms", capabilities.get("SMS")))


def _sid(value: object, prefix: str) -> str:
    if not isinstance(value, str) or not is_sid(value, prefix):
        raise ValueError(f"not a {prefix} SID")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("no text")
    return value


def _moment(value: object) -> datetime | None:
    """The package hands over what it cannot read as it came."""
    if value is not None and not isinstance(value, datetime):
        raise ValueError("not a moment")
    return value
