"""Take messages, promise call-backs, keep drafts."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from answering.accounts.models import Agent
from answering.lib import clock
from answering.outbox.services import queue_email
from answering.outbox.tasks import deliver_due
from answering.push.channels import agents_channel, call_channel
from answering.push.hints import hint_on_commit
from answering.push.nudge import nudge
from calls import states
from calls.models import Call
from clients.models import Client, Contact, Provider
from inquiries.errors import AlreadyAnswered, NotYourDraft
from inquiries.letters import message_letter
from inquiries.models import Inquiry, InquiryKind, InquiryState, MessageDraft, Urgency

LOST_OUTCOMES = states.LOST_OUTCOMES
LOOK_BACK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class MessageFields:
    """A validated message form."""

    caller_name: str
    caller_number: str
    text: str
    urgency: Urgency
    contact: Contact | None


def save_draft(
    call: Call, *, agent: Agent, revision: int, fields: MessageFields, form_key: uuid.UUID | None = None
) -> MessageDraft | None:
    """Keep the form as it stands; None when this form has been sent already.

    A late, older revision changes nothing. Raises NotYourDraft.
    """
    with transaction.atomic():
        if _locked(call).agent_id != agent.pk:
            raise NotYourDraft
        if form_key is not None and Inquiry.objects.filter(form_key=form_key).exists():
            return None
        values = _draft_values(fields) | {"agent": agent, "revision": revision}
        values |= {"form_key": form_key} if form_key else {}
        draft, is_new = MessageDraft.objects.get_or_create(call=call, defaults=values)
        if not is_new and draft.revision < revision:
            MessageDraft.objects.filter(pk=draft.pk).update(**values)
            draft.refresh_from_db()
        return draft


def _locked(call: Call) -> Call:
    """The call as it is now; until the transaction ends nobody else drafts or takes a message of it."""
    return Call.objects.select_for_update(of=("self",)).get(pk=call.pk)


def _draft_values(fields: MessageFields) -> dict[str, object]:
    return {
        "caller_name": fields.caller_name,
        "caller_number": fields.caller_number,
        "text": fields.text,
        "urgency": fields.urgency,
        "contact": fields.contact,
        "saved_at": clock.now(),
    }


def take_message(call: Call, *, agent: Agent, fields: MessageFields, form_key: uuid.UUID | None = None) -> Inquiry:
    """Turn the form into a request with a deadline, and its e-mail, in one transaction; the draft is gone.

    The reply is owed by the client company: its calendar, its target. The same form again gives the
    same request. Raises NotYourDraft.
    """
    with transaction.atomic():
        if _locked(call).agent_id != agent.pk:
            raise NotYourDraft
        known = Inquiry.objects.filter(form_key=form_key).first() if form_key else None
        if known is None:
            return _write_message(call, agent, fields, form_key)
        if known.call_id != call.pk:
            raise NotYourDraft
        return known


def _write_message(call: Call, agent: Agent, fields: MessageFields, form_key: uuid.UUID | None) -> Inquiry:
    received_at = clock.now()
    inquiry = Inquiry.objects.create(
        client=call.client,
        call=call,
        kind=InquiryKind.MESSAGE,
        urgency=fields.urgency,
        contact=fields.contact or default_contact(call.client),
        taken_by=agent,
        caller_name=fields.caller_name,
        caller_number=fields.caller_number,
        language=call.line.language,
        text=fields.text,
        received_at=received_at,
        due_at=client_deadline(call.client, received_at),
        form_key=form_key,
    )
    MessageDraft.objects.filter(call=call).delete()
    _send_to_contact(inquiry)
    hint_on_commit(call_channel(call.public_id), "message", call=str(call.public_id))
    return inquiry


def default_contact(client: Client) -> Contact | None:
    """Who gets what is for nobody in particular."""
    return client.contacts.filter(is_default=True, left_at=None).first()


def client_deadline(client: Client, start: datetime) -> datetime:
    """When the client company owes its reply."""
    return client.calendar.work_calendar().add(start, client.response_target)


def provider_deadline(provider: Provider, target: timedelta, start: datetime) -> datetime:
    """When the service itself owes its reply."""
    return provider.calendar.work_calendar().add(start, target)


def _send_to_contact(inquiry: Inquiry) -> None:
    contact = inquiry.contact
    if contact is None or not contact.email:
        return
    subject, body = message_letter(inquiry, contact)
    queue_email(
        cause=f"inquiry:{inquiry.pk}:contact:{contact.pk}",
        recipient=contact.email,
        subject=subject,
        body=body,
        language=contact.language,
    )
    transaction.on_commit(partial(nudge, deliver_due), robust=True)


def request_call_back(call_id: int) -> Inquiry | None:
    """A lost call becomes a call-back request; once per call. None when the call was not lost."""
    call = Call.objects.select_related("client__provider__calendar", "line").get(pk=call_id)
    if call.outcome not in LOST_OUTCOMES or call.ended_at is None:
        return None
    known = Inquiry.objects.filter(call=call, kind=InquiryKind.CALLBACK).first()
    if known is not None:
        return known
    provider = call.client.provider
    try:
        with transaction.atomic():
            inquiry = Inquiry.objects.create(
                client=call.client,
                call=call,
                kind=InquiryKind.CALLBACK,
                caller_name=call.caller_name,
                caller_number=call.caller_number,
                language=call.line.language,
                received_at=call.ended_at,
                due_at=provider_deadline(provider, call.client.response_target, call.ended_at),
            )
            hint_on_commit(agents_channel(), "inquiry", inquiry=inquiry.pk)
            return inquiry
    except IntegrityError:
        return Inquiry.objects.get(call=call, kind=InquiryKind.CALLBACK)


def request_missing_call_backs() -> int:
    """Find lost calls that have no call-back request yet, whatever went wrong before; gives their number."""
    has_request = Inquiry.objects.filter(call=OuterRef("pk"), kind=InquiryKind.CALLBACK)
    lost = Call.objects.filter(outcome__in=LOST_OUTCOMES, ended_at__gt=clock.now() - LOOK_BACK).filter(
        ~Exists(has_request)
    )
    found = list(lost.order_by("ended_at").values_list("pk", flat=True)[:500])
    return sum(request_call_back(call_id) is not None for call_id in found)


def complete_call_back(call_id: int) -> None:
    """Add to a call-back request what the caller has since told of themselves."""
    call = Call.objects.get(pk=call_id)
    for inquiry in Inquiry.objects.filter(call=call, kind=InquiryKind.CALLBACK, state=InquiryState.OPEN):
        inquiry.caller_name = call.caller_name or inquiry.caller_name
        inquiry.caller_number = call.caller_number or inquiry.caller_number
        inquiry.save(update_fields=["caller_name", "caller_number", "search_key"])


def answer_inquiry(inquiry_id: int, *, agent: Agent, note: str) -> Inquiry:
    """The reply has been given; the clock stops. Raises AlreadyAnswered."""
    with transaction.atomic():
        inquiry = Inquiry.objects.select_for_update().get(pk=inquiry_id)
        if inquiry.state != InquiryState.OPEN:
            raise AlreadyAnswered
        inquiry.state, inquiry.answered_at, inquiry.answered_by = InquiryState.ANSWERED, clock.now(), agent
        inquiry.answer_note = note.strip()[:500]
        inquiry.save(update_fields=["state", "answered_at", "answered_by", "answer_note"])
        hint_on_commit(agents_channel(), "inquiry", inquiry=inquiry.pk)
        return inquiry
