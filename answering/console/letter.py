"""The message form of one call: kept draft, what has been sent, and by when the reply is promised."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from answering.accounts.templatetags.formats import phone
from answering.console.forms import DraftForm, draft_initial
from answering.lib import clock
from calls.models import Call
from clients.models import Contact, Service
from inquiries.deadlines import client_deadline
from inquiries.models import TEXT_LIMIT, Inquiry, MessageDraft, Urgency


@dataclass(frozen=True, slots=True)
class Letter:
    """What the page shows of a call's message. `saved_at` is None while nothing has been kept."""

    call: Call
    form: DraftForm
    sent: list[Inquiry]
    saved_at: datetime | None
    promised_for: datetime

    @property
    def text_limit(self) -> int:
        return TEXT_LIMIT

    @property
    def is_offered(self) -> bool:
        """Whether the client has messages taken here."""
        return self.call.client.has_service(Service.MESSAGES)

    @property
    def is_folded(self) -> bool:
        """After a message has been sent the next one is a choice."""
        return bool(self.sent) and self.saved_at is None and not self.form.is_bound


def blank_initial(call: Call, contacts: list[Contact]) -> dict[str, object]:
    """A new form: what the call already tells of its caller."""
    default = next((contact for contact in contacts if contact.is_default), None)
    return {
        "caller_name": call.caller_name or (call.caller.kept.name if call.caller else ""),
        "caller_number": phone(call.caller_number),
        "contact": default.public_id if default else None,
        "urgency": Urgency.NORMAL,
        "form_key": uuid.uuid4(),
        "revision": 0,
    }


def letter_of(
    call: Call, contacts: list[Contact], draft: MessageDraft | None, sent: list[Inquiry], bound: DraftForm | None = None
) -> Letter:
    """The form of this call, filled from its draft if there is one; no query of its own."""
    form = bound
    if form is None:
        initial = draft_initial(draft) if draft else blank_initial(call, contacts)
        form = DraftForm(client=call.client, initial=initial)
    offer_contacts(form, contacts)
    return Letter(call, form, sent, draft.saved_at if draft else None, client_deadline(call.client, clock.now()))


def offer_contacts(form: DraftForm, contacts: list[Contact]) -> None:
    """Offer contacts that have been read already, rather than reading them again."""
    choices = [(str(contact.public_id), _name(contact)) for contact in contacts]
    form.fields["contact"].choices = choices  # type: ignore[attr-defined]


def _name(contact: Contact) -> str:
    return f"{contact.name} · {contact.department}" if contact.department else contact.name
