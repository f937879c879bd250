"""What a client's people read in their mail, in their language."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from answering.accounts.templatetags.formats import full_moment, phone
from answering.outbox.text import sms_text
from clients.models import Client, Contact, Line
from inquiries.models import Inquiry, Urgency

log = structlog.get_logger(__name__)

FIRST_WORDS = 160  # characters of a message that an SMS tells; two to four parts in all, each of which is charged


def message_letter(inquiry: Inquiry, reader: Contact) -> tuple[str, str]:
    """Subject and plain-text body for this reader: their language, the client's zone."""
    with translation.override(reader.language), timezone.override(zone_of(inquiry.client)):
        caller = inquiry.caller_name or phone(inquiry.caller_number) or _("an unknown caller")
        subject = _("Message from %(caller)s") % {"caller": caller}
        if inquiry.urgency == Urgency.URGENT:
            subject = _("Urgent: %(subject)s") % {"subject": subject}
        return subject, render_to_string("mail/message.txt", _context(inquiry, reader))


def urgent_sms(inquiry: Inquiry, line: Line, reader: Contact) -> str:
    """What the phone of this reader shows, in their language: on which line, who called, the first words."""
    with translation.override(reader.language):
        told = [
            _("Urgent: %(subject)s") % {"subject": line.name},
            ", ".join(filter(None, [inquiry.caller_name, phone(inquiry.caller_number)])) or _("an unknown caller"),
            sms_text(" ".join(inquiry.text.split()), FIRST_WORDS),
            _("Details are in your e-mail.") if reader.email else "",
        ]
    return "\n".join(filter(None, told))


def _context(inquiry: Inquiry, reader: Contact) -> dict[str, object]:
    return {
        "inquiry": inquiry,
        "reader": reader,
        "is_for_another": inquiry.contact is not None and inquiry.contact != reader,
        "attachments": inquiry.text_message.attachments if inquiry.text_message else 0,
        "is_text": inquiry.text_message is not None,
        "is_urgent": inquiry.urgency == Urgency.URGENT,
        "received": local_time(inquiry.received_at),
        "due": local_time(inquiry.due_at),
        "portal_url": portal_url(inquiry),
    }


def portal_url(inquiry: Inquiry) -> str:
    """Where the client sees the call; empty for a request without one. The address is part of DESIGN §6."""
    if inquiry.call is None:
        return ""
    return f"{settings.PUBLIC_URL.rstrip('/')}/portal/calls/{inquiry.call.public_id}/"


def local_time(moment: datetime) -> str:
    """Weekday, date and time in words, in the language and zone now in force."""
    return full_moment(moment)


def zone_of(client: Client) -> tzinfo:
    """The client's zone; UTC, and a line in the log, where its name is none, since the letter must go out."""
    try:
        return ZoneInfo(client.time_zone)
    except (KeyError, ValueError, OSError):
        log.error("inquiry.zone_unknown", client=client.pk, zone=client.time_zone)
        return UTC
