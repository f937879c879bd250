"""Is Twilio set up as Alio needs it? What is compared here has been fetched elsewhere; nothing here asks anybody."""

import enum
import ipaddress
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from answering.twilio.clocks import NOTHING, TOLERATED, is_off
from answering.twilio.rest import PhoneNumber

# Twilio tries again, at once, whatever goes wrong, instead of giving the caller up after one failure.
OVERRIDES = "#rc=3&rp=all"
VOICE, STATUS, MESSAGE = (f"/carriers/twilio/{name}" for name in ("voice", "status", "message"))
TWIML_BINS = "handler.twilio.com"  # Twilio's own host of documents takes either
PLACE = "in Twilio's console, Phone Numbers, Active numbers"

# Twilio, "Webhooks: connection overrides": what may stand in the fragment of a webhook's address.
_OVERRIDE = {
    "ct": re.compile(r"\d{3,5}"),
    "rt": re.compile(r"\d{3,5}"),
    "tt": re.compile(r"\d{3,5}"),
    "rc": re.compile(r"[0-5]"),
    "rp": re.compile(r"(4xx|5xx|ct|rt|all)(,(4xx|5xx|ct|rt|all))*"),
    "e": re.compile(r"[a-z0-9-]+(,[a-z0-9-]+)*"),
    "sni": re.compile(r"[yn]"),
}


class Verdict(enum.Enum):
    OK = "ok"
    CHANGE = "to change"
    UNKNOWN = "cannot tell"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One check: what was looked at, what it is now, and what exactly to do, if anything is to be done."""

    subject: str
    verdict: Verdict
    is_now: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class LineFacts:
    """A line that is answered, its number, and the account that the number should belong to."""

    name: str
    number: str
    account_row: int | None


def ok(subject: str, is_now: str) -> Diagnosis:
    return Diagnosis(subject, Verdict.OK, is_now)


def change(subject: str, is_now: str, remedy: str) -> Diagnosis:
    return Diagnosis(subject, Verdict.CHANGE, is_now, remedy)


def unknown(subject: str, is_now: str) -> Diagnosis:
    return Diagnosis(subject, Verdict.UNKNOWN, is_now)


def check_public_url(public_url: str) -> Diagnosis:
    """Twilio must reach it from the internet and, as callers' numbers go over it, by https."""
    parts = urlsplit(public_url)
    remedy = "set PUBLIC_URL to the https address under which the internet reaches Alio"
    if not _is_on_the_internet(parts.hostname or ""):
        return change("PUBLIC_URL", f"{public_url}: only this network reaches it", remedy)
    if parts.scheme != "https":
        return change("PUBLIC_URL", f"{public_url}: not https", remedy)
    return ok("PUBLIC_URL", public_url)


def check_clock(gap: timedelta | None) -> Diagnosis:
    """Our clock beside Twilio's: reports of calls count by theirs, what agents do by ours."""
    if gap is None:
        return unknown("clock", "Twilio's answers say no time")
    if not is_off(gap):
        return ok("clock", f"not more than {TOLERATED.total_seconds():.0f} s from Twilio's")
    seconds = f"{abs(gap).total_seconds():.0f} s"
    if gap > NOTHING:
        is_now = (
            f"{seconds} ahead of Twilio's: what it reports counts so much too early. Calls that callers end are "
            "written down, and billed, too short, and waiting for the agent's sound counts as talk"
        )
    else:
        is_now = (
            f"{seconds} behind Twilio's: what it reports counts when it arrives. Calls that callers end are written "
            "down, and billed, too long by the time that a report is under way"
        )
    return change("clock", is_now, "let the time service set this machine's clock: timedatectl set-ntp true")


def check_lines(lines: Sequence[LineFacts], numbers: Sequence[PhoneNumber], account: str) -> Iterator[Diagnosis]:
    """Each line's number must be the account's."""
    owned = {number.number for number in numbers}
    for line in lines:
        subject = f"{line.number} of the line “{line.name}”"
        if line.number in owned:
            yield ok(subject, f"belongs to the account {account}")
        else:
            yield change(
                subject,
                f"is no number of the account {account}",
                "buy or port the number there, or give the line its own number and account in the maintenance hatch",
            )


def check_strays(lines: Sequence[LineFacts], numbers: Sequence[PhoneNumber], public_url: str) -> Iterator[Diagnosis]:
    """Numbers that lead here although no line has them: their callers hear that the number is not in use."""
    ours = {line.number for line in lines}
    for number in numbers:
        if number.number not in ours and _without_overrides(number.voice_url).startswith(public_url.rstrip("/") + "/"):
            yield change(
                number.number,
                f"leads to {number.voice_url}, but no line that is answered has this number",
                f"give a line this number in the maintenance hatch, or take the address away {PLACE}",
            )


def check_number(number: PhoneNumber, public_url: str) -> Iterator[Diagnosis]:
    """Where Twilio turns when this number is called or written to."""
    yield _check_voice(number, public_url)
    yield _check_webhook(
        f"{number.number} call status changes",
        number.status_callback,
        number.status_callback_method,
        _address(public_url, STATUS),
    )
    yield _check_message(number, public_url)
    yield _check_fallback(number, public_url)


def _check_voice(number: PhoneNumber, public_url: str) -> Diagnosis:
    subject, wanted = f"{number.number} voice webhook", _address(public_url, VOICE)
    if number.trunk_sid or number.voice_application_sid:
        diverted = f"trunk {number.trunk_sid}" if number.trunk_sid else f"application {number.voice_application_sid}"
        return change(
            subject,
            f"calls go to the {diverted}",
            f"let the number be configured by a webhook: {wanted}{OVERRIDES}, POST",
        )
    return _check_webhook(subject, number.voice_url, number.voice_method, wanted)


def _check_message(number: PhoneNumber, public_url: str) -> Diagnosis:
    subject, wanted = f"{number.number} message webhook", _address(public_url, MESSAGE)
    if not number.can_sms:
        return ok(subject, "none: this number has no SMS")
    if number.sms_application_sid:
        return change(
            subject,
            f"messages go to the application {number.sms_application_sid}",
            f"let the number be configured by a webhook: {wanted}{OVERRIDES}, POST",
        )
    return _check_webhook(subject, number.sms_url, number.sms_method, wanted)


def _check_fallback(number: PhoneNumber, public_url: str) -> Diagnosis:
    """It is for the hour when our own host is gone, so it must lie elsewhere."""
    subject, found = f"{number.number} fallback", urlsplit(number.voice_fallback_url)
    remedy = f"put docs/twilio-fallback.xml on another host and enter its address, with GET, as fallback {PLACE}"
    if not found.hostname:
        return change(subject, "none: when Alio is away, callers hear Twilio's error", remedy)
    if found.hostname.lower() == (urlsplit(public_url).hostname or "").lower():
        return change(subject, f"{number.voice_fallback_url}, on the host whose failure it is for", remedy)
    if number.voice_fallback_method != "GET" and found.hostname.lower() != TWIML_BINS:
        is_now = (
            f"{number.voice_fallback_url} ({number.voice_fallback_method}): hosts of mere files refuse what is posted"
        )
        return change(subject, is_now, f"choose GET for it {PLACE}")
    return ok(subject, f"{number.voice_fallback_url} ({number.voice_fallback_method})")


def _check_webhook(subject: str, url: str, method: str, wanted: str) -> Diagnosis:
    address, _hash, overrides = url.partition("#")
    is_now = f"{url or 'none'} ({method or 'no method'})" if url else "none"
    if _without_port(address) != _without_port(wanted) or method != "POST":
        return change(subject, is_now, f"set it to {wanted}{OVERRIDES}, POST, {PLACE}")
    if overrides and not _are_overrides(overrides):
        return change(subject, f"{is_now}: Twilio knows no such overrides", f"write {wanted}{OVERRIDES}, {PLACE}")
    return ok(subject, is_now if overrides else f"{is_now}; {OVERRIDES} after it would let Twilio try again")


def _are_overrides(fragment: str) -> bool:
    pairs = [part.partition("=") for part in fragment.split("&")]
    return all(name in _OVERRIDE and _OVERRIDE[name].fullmatch(value) is not None for name, _equals, value in pairs)


def _address(public_url: str, path: str) -> str:
    return f"{public_url.rstrip('/')}{path}"


def _without_overrides(url: str) -> str:
    return url.partition("#")[0]


def _without_port(url: str) -> str:
    """A default port may be written or not; Twilio's signature is the same."""
    return re.sub(r"^(https://[^/]+):443(?=/|$)", r"\1", url)


def _is_on_the_internet(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".local", ".localhost", ".internal", ".lan"))
