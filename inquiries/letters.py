"""What a client's people read in their mail, in their language."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from clients.models import Contact
from inquiries.models import Inquiry, Urgency


def message_letter(inquiry: Inquiry, contact: Contact) -> tuple[str, str]:
    """Subject and plain-text body of a message for this contact."""
    with translation.override(contact.language):
        caller = inquiry.caller_name or inquiry.caller_number or _("an unknown caller")
        subject = _("Message from %(caller)s") % {"caller": caller}
        if inquiry.urgency == Urgency.URGENT:
            subject = _("Urgent: %(subject)s") % {"subject": subject}
        body = render_to_string("mail/message.txt", _context(inquiry, contact))
    return subject, body


def _context(inquiry: Inquiry, contact: Contact) -> dict[str, object]:
    zone = inquiry.client.time_zone
    return {
        "inquiry": inquiry,
        "contact": contact,
        "received": local_time(inquiry.received_at, zone, contact.language),
        "due": local_time(inquiry.due_at, zone, contact.language),
        "portal_url": f"{settings.PUBLIC_URL.rstrip('/')}/portal/calls/{inquiry.call.public_id}/"
        if inquiry.call
        else "",
    }


def local_time(moment: datetime, zone: str, language: str) -> str:
    """Date and time as a person of that language and zone writes them."""
    return str(format_datetime(moment, "d MMMM, HH:mm", tzinfo=ZoneInfo(zone), locale=language))
