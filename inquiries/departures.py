"""Somebody leaves the client: everything that names them is listed, and replaced in one step."""

from dataclasses import dataclass

from django.db import transaction

from answering.accounts.models import User
from clients.models import Contact
from clients.services.departures import OwnUses, let_contact_go, own_uses_of
from inquiries.models import Inquiry, MessageDraft
from inquiries.services import default_contact, send_to_contact


@dataclass(frozen=True, slots=True)
class Uses:
    """All that names a contact now; what is past stays with them and is not listed."""

    own: OwnUses
    open_messages: int
    drafts: int


def uses_of(contact: Contact) -> Uses:
    """Seven queries."""
    return Uses(
        own=own_uses_of(contact),
        open_messages=Inquiry.objects.open().filter(contact=contact).count(),
        drafts=MessageDraft.objects.filter(contact=contact).count(),
    )


def remove_person(
    contact: Contact,
    replacement: Contact | None,
    *,
    revision: int,
    renames: bool = False,
    ends_login: bool = False,
    by: User | None = None,
) -> int:
    """Replace them everywhere, or end what is theirs, in one transaction; gives how many open messages went on.

    Open messages and drafts go to the replacement, else to the default contact, who is written to anew.
    Raises what `let_contact_go` does.
    """
    with transaction.atomic():
        let_contact_go(contact, replacement, revision=revision, renames=renames, ends_login=ends_login, by=by)
        reader = replacement or default_contact(contact.client)
        MessageDraft.objects.filter(contact=contact).update(contact=reader)
        theirs = Inquiry.objects.open().filter(contact=contact).order_by("pk")  # as the sweep of deadlines locks them
        messages = list(theirs.select_for_update(of=("self",), no_key=True))
        for inquiry in messages:
            inquiry.contact = reader
            inquiry.save(update_fields=["contact"])
            send_to_contact(inquiry)
        return len(messages)
