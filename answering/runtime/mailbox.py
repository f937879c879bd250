"""Reads what the mail sink has kept.

Messages are untrusted, and a malformed one is just what a developer wants to see: whatever
cannot be decoded is shown as it came. Hence the old policy of the `email` package, whose
parser does not raise.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message as Part
from pathlib import Path

from django.utils.html import strip_tags

from answering.runtime.mailsink import MESSAGE_ID

NEWEST = 200  # as many the list shows
LIST_BYTES = 64 * 1024  # enough for any headers
TEXT_KINDS = ("text/plain", "text/html")


@dataclass(frozen=True)
class Attachment:
    """A part of a message that is not its text."""

    name: str
    kind: str
    size_bytes: int


@dataclass(frozen=True)
class Message:
    """One kept message. `text` is its plain part, `html_text` what remains of the other without its tags."""

    id: str
    subject: str
    sender: str
    recipients: str
    date: str
    text: str = ""
    html_text: str = ""
    attachments: tuple[Attachment, ...] = ()


def newest_messages(directory: Path) -> list[Message]:
    """The newest first, without their bodies."""
    names = sorted((path.stem for path in directory.glob("*.eml") if MESSAGE_ID.fullmatch(path.stem)), reverse=True)
    return [_head(name, message_from_bytes(_beginning(directory / f"{name}.eml"))) for name in names[:NEWEST]]


def find_message(directory: Path, message_id: str) -> Message | None:
    """The whole message; None if there is no such one, or if this is no id of a message at all."""
    if not MESSAGE_ID.fullmatch(message_id):
        return None
    try:
        parsed = message_from_bytes((directory / f"{message_id}.eml").read_bytes())
    except FileNotFoundError:
        return None
    leaves = list(_leaves(parsed))
    return replace(
        _head(message_id, parsed),
        text=_joined(leaves, "text/plain"),
        html_text=strip_tags(_joined(leaves, "text/html")).strip(),
        attachments=tuple(
            Attachment(_readable(part.get_filename()), part.get_content_type(), len(_content(part)))
            for part in leaves
            if not _is_text(part)
        ),
    )


def _head(message_id: str, parsed: Part) -> Message:
    return Message(
        message_id,
        subject=_readable(parsed["Subject"]),
        sender=_readable(parsed["From"]),
        recipients=_readable(parsed["X-Envelope-To"]) or _readable(parsed["To"]),
        date=_readable(parsed["Date"]),
    )


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LIST_BYTES)


def _leaves(parsed: Part) -> Iterator[Part]:
    return (part for part in parsed.walk() if not part.is_multipart())


def _is_text(part: Part) -> bool:
    return part.get_content_type() in TEXT_KINDS and part.get_content_disposition() != "attachment"


def _joined(leaves: list[Part], kind: str) -> str:
    return "\n".join(_text(part) for part in leaves if _is_text(part) and part.get_content_type() == kind)


def _text(part: Part) -> str:
    data = _content(part)
    try:
        return data.decode(str(part.get_content_charset("utf-8")), errors="replace")
    except LookupError:
        return data.decode(errors="replace")


def _content(part: Part) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _readable(header: object) -> str:
    """A header as a person reads it: encoded words decoded, on one line."""
    raw = str(header) if header is not None else ""
    try:
        text = str(make_header(decode_header(raw)))
    except (HeaderParseError, LookupError, UnicodeError):
        text = raw
    return " ".join(text.split())
