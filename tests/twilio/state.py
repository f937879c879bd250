"""What the stand-in knows: accounts, numbers, calls, conferences, messages. Plain records in memory."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime


def new_sid(prefix: str) -> str:
    return prefix + secrets.token_hex(16)


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@dataclass
class Subscriber:
    """A customer of Twilio."""

    sid: str = field(default_factory=lambda: new_sid("AC"))
    auth_token: str = field(default_factory=lambda: secrets.token_hex(16))
    api_key: str = field(default_factory=lambda: new_sid("SK"))
    api_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    name: str = "Stand-in"
    status: str = "active"

    def may_sign_in(self, user: str, word: str) -> bool:
        return (user, word) in ((self.sid, self.auth_token), (self.api_key, self.api_secret))


@dataclass
class Number:
    account_sid: str
    number: str
    voice_url: str = ""
    voice_method: str = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"
    can_sms: bool = True
    sms_url: str = ""
    sms_method: str = "POST"
    sms_fallback_url: str = ""
    voice_application_sid: str = ""
    sms_application_sid: str = ""
    trunk_sid: str = ""
    sid: str = field(default_factory=lambda: new_sid("PN"))
    created_at: datetime = field(default_factory=now)


@dataclass
class Application:
    account_sid: str
    name: str
    voice_url: str = ""
    sid: str = field(default_factory=lambda: new_sid("AP"))
    created_at: datetime = field(default_factory=now)


@dataclass
class LiveCall:
    """One leg. `moved_to` is the document that REST gave it last."""

    account_sid: str
    from_: str
    to: str
    direction: str
    status: str = "queued"
    callback: str = ""
    callback_events: tuple[str, ...] = ()
    caller_name: str = ""
    moved_to: str = ""
    sequence: int = 0
    sid: str = field(default_factory=lambda: new_sid("CA"))
    created_at: datetime = field(default_factory=now)
    started_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        return self.status in ("completed", "busy", "failed", "no-answer", "canceled")

    @property
    def seconds(self) -> int:
        return int((self.ended_at - self.started_at).total_seconds()) if self.ended_at and self.started_at else 0


@dataclass
class Member:
    """A call in a conference, or on its way into it."""

    call_sid: str
    label: str = ""
    starts: bool = True
    ends: bool = False
    is_held: bool = False
    is_muted: bool = False
    has_joined: bool = False
    created_at: datetime = field(default_factory=now)


@dataclass
class Room:
    """A conference; `members` by call SID."""

    account_sid: str
    name: str
    status: str = "init"
    callback: str = ""
    callback_events: tuple[str, ...] = ()
    sequence: int = 0
    members: dict[str, Member] = field(default_factory=dict)
    end_reason: str = ""
    ended_by: str = ""
    sid: str = field(default_factory=lambda: new_sid("CF"))
    created_at: datetime = field(default_factory=now)

    def member(self, call_sid_or_label: str) -> Member | None:
        labelled = (each for each in self.members.values() if each.label == call_sid_or_label)
        return self.members.get(call_sid_or_label) or next(labelled, None)


@dataclass
class Text:
    """An SMS."""

    account_sid: str
    from_: str
    to: str
    body: str
    status: str = "queued"
    error_code: int | None = None
    callback: str = ""
    sid: str = field(default_factory=lambda: new_sid("SM"))
    created_at: datetime = field(default_factory=now)


@dataclass(frozen=True)
class Webhook:
    """A request that Twilio makes of its customer."""

    account_sid: str
    url: str
    params: dict[str, str]
