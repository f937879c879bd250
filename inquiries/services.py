"""Take messages, promise call-backs, keep drafts."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef

from answering.accounts.models import Agent
from answering.lib import clock
from answering.lib.commit import after_commit
from answering.outbox.services import queue_email, queue_sms
from answering.outbox.tasks import deliver_due, deliver_sms_due
from answering.outbox.text import one_line, plain_text
from answering.push.channels import agents_channel, call_channel, client_channel
from answering.push.hints import hint_on_commit
from answering.push.nudge import nudge
from calls import states
from calls.models import Call, TextMessage
from calls.states import EventKind
from clients.models import Client, Contact, Line, Service
from inquiries.deadlines import client_deadline, provider_deadline
from inquiries.errors import AlreadyAnswered, ContactOfAnother, MessageEmpty, MessagesOff, MessageTooLong, NotYourDraft
from inquiries.letters import message_letter, urgent_sms
from inquiries.models import (
    NAME_LIMIT,
    NOTE_LIMIT,
    NUMBER_LIMIT,
    TEXT_LIMIT,
    Inquiry,
    InquiryKind,
    InquiryState,
    MessageDraft,
    Urgency,
)
from inquiries.sweeping import go_on

LOST_OUTCOMES = states.LOST_OUTCOMES
LOOK_BACK = timedelta(days=7)
BATCH = 500

log = structlog.get_logger(__name__)


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

    A late, older revision changes nothing. Raises NotYourDraft, MessageTooLong, ContactOfAnother.
    """
    fields = _checked(call, fields)
    with transaction.atomic():
        _lock_for(call, agent)
        if form_key is not None and Inquiry.objects.filter(form_key=form_key).exists():
            return None
        values = _draft_values(fields) | {"agent": agent, "revision": revision}
        values |= {"form_key": form_key} if form_key else {}
        draft, is_new = MessageDraft.objects.get_or_create(call=call, defaults=values)
        if not is_new and draft.revision < revision:
            MessageDraft.objects.filter(pk=draft.pk).update(**values)
            draft.refresh_from_db()
        return draft


def _lock_for(call: Call, agent: Agent) -> None:
    """Until the transaction ends nobody else drafts or takes a message of this call. Raises NotYourDraft.

    It is for the agent who has the call, or, when nobody has it any more, for one who has had it: what was
    typed before the audio broke off must not be lost.
    """
    current = Call.objects.select_for_update(of=("self",), no_key=True).get(pk=call.pk)
    if current.agent_id == agent.pk:
        return
    has_had = current.events.filter(kind=EventKind.CLAIMED, agent=agent)
    if current.agent_id is not None or not has_had.exists():
        raise NotYourDraft


def _checked(call: Call, fields: MessageFields) -> MessageFields:
    """The form without what no row or letter can bear. Raises MessageTooLong, ContactOfAnother."""
    text = plain_text(fields.text)
    if len(text) > TEXT_LIMIT:
        raise MessageTooLong
    if fields.contact is not None and fields.contact.client_id != call.client_id:
        raise ContactOfAnother
    name, number = one_line(fields.caller_name, NAME_LIMIT), one_line(fields.caller_number, NUMBER_LIMIT)
    return replace(fields, caller_name=name, caller_number=number, text=text)


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
    same request. Raises MessagesOff where the client has the service switched off, NotYourDraft, MessageEmpty,
    MessageTooLong, ContactOfAnother.
    """
    fields = _checked(call, fields)
    if not (fields.text.strip() or fields.caller_name or fields.caller_number):
        raise MessageEmpty
    with transaction.atomic():
        _lock_for(call, agent)
        known = Inquiry.objects.filter(form_key=form_key).first() if form_key else None
        if known is None:
            if not call.client.has_service(Service.MESSAGES):
                raise MessagesOff
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
        contact=_addressee(call.client, fields.contact),
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
    send_to_contact(inquiry)
    _text_if_urgent(inquiry, call.line)
    hint_on_commit(call_channel(call.public_id), "message", call=str(call.public_id))
    hint_on_commit(client_channel(call.client_id), "inquiry", inquiry=inquiry.pk)
    return inquiry


def default_contact(client: Client) -> Contact | None:
    """Who gets what is for nobody in particular."""
    return client.contacts.filter(is_default=True, left_at=None).first()


def _addressee(client: Client, wanted: Contact | None) -> Contact | None:
    """Whom a message is for: as said, or the default contact when that person has left or was not named."""
    return wanted if wanted is not None and wanted.left_at is None else default_contact(client)


def send_to_contact(inquiry: Inquiry) -> None:
    """Write to whom it is for; to the default contact if that person has no address."""
    reader = inquiry.contact
    if reader is None or not reader.email:
        reader = default_contact(inquiry.client)
    if reader is None or not reader.email:
        log.warning("inquiry.nobody_to_write_to", inquiry=inquiry.pk, client=inquiry.client_id)
        return
    subject, body = message_letter(inquiry, reader)
    queue_email(
        cause=f"inquiry:{inquiry.pk}:contact:{reader.pk}",
        recipient=reader.email,
        subject=subject,
        body=body,
        language=reader.language,
    )
    after_commit(nudge, deliver_due)


def _text_if_urgent(inquiry: Inquiry, line: Line) -> None:
    """An urgent message goes to a phone as well, if whom it is for wants that and the line has a number."""
    reader = inquiry.contact
    if inquiry.urgency != Urgency.URGENT or reader is None or not line.number:
        return
    phone = reader.urgent_number
    if phone is None:
        return
    queue_sms(
        cause=f"inquiry:{inquiry.pk}:contact:{reader.pk}:sms",
        line_account=line.twilio_account_id,
        sender=str(line.number),
        recipient=str(phone.number),
        body=urgent_sms(inquiry, line, reader),
        language=reader.language,
    )
    after_commit(nudge, deliver_sms_due)


def request_call_back(call_id: int) -> Inquiry | None:
    """A lost call becomes a call-back request; once per call, whoever races. None when the call was not lost.

    The reply is owed by the service: its calendar, the client's target. The call is locked meanwhile, so that
    what its caller tells of themselves is either in it already or is added by `complete_call_back`.
    """
    with transaction.atomic():
        related = Call.objects.select_related("client__provider__calendar", "line")
        call = related.select_for_update(of=("self",), no_key=True).get(pk=call_id)
        if call.outcome not in LOST_OUTCOMES or call.ended_at is None:
            return None
        known = Inquiry.objects.filter(call=call, kind=InquiryKind.CALLBACK).first()
        return known or _promise_call_back(call, call.ended_at)


def _promise_call_back(call: Call, ended_at: datetime) -> Inquiry:
    inquiry = Inquiry.objects.create(
        client=call.client,
        call=call,
        kind=InquiryKind.CALLBACK,
        caller_name=call.caller_name,
        caller_number=call.caller_number,
        language=call.line.language,
        received_at=ended_at,
        due_at=provider_deadline(call.client.provider, call.client.response_target, ended_at),
    )
    hint_on_commit(agents_channel(), "inquiry", inquiry=inquiry.pk)
    hint_on_commit(client_channel(call.client_id), "inquiry", inquiry=inquiry.pk)
    return inquiry


def request_missing_call_backs() -> int:
    """Find lost calls that have no call-back request yet, whatever went wrong before; gives the number made."""
    has_request = Inquiry.objects.filter(call=OuterRef("pk"), kind=InquiryKind.CALLBACK)
    lost = Call.objects.filter(outcome__in=LOST_OUTCOMES, ended_at__gt=clock.now() - LOOK_BACK).filter(
        ~Exists(has_request)
    )
    found = list(lost.order_by("ended_at").values_list("pk", flat=True)[:BATCH])
    return _count_requested(request_call_back, found)


def withdraw_needless_call_backs() -> int:
    """Take back the call-backs of calls that turn out to have been answered; gives their number.

    A network may report late that somebody had spoken with the caller, when the call already seemed lost. What
    somebody has taken down or answered stays.
    """
    with transaction.atomic():
        needless = [each.pk for each in Inquiry.objects.needless().select_for_update(of=("self",), skip_locked=True)]
        if needless:
            Inquiry.objects.filter(pk__in=needless).delete()
            log.info("inquiry.call_backs_withdrawn", number=len(needless))
            hint_on_commit(agents_channel(), "inquiry")
    return len(needless)


def _count_requested(request: Callable[[int], Inquiry | None], row_ids: Iterable[int]) -> int:
    return sum(go_on(request, row_id, failure="inquiry.not_requested") is not None for row_id in row_ids)


def request_from_text(text_id: int) -> Inquiry:
    """An SMS to a line becomes a request to its client, and an e-mail to them; once per SMS, whoever races.

    The reply is owed by the client company: its calendar, its target.
    """
    with transaction.atomic():
        related = TextMessage.objects.select_related("client__calendar", "client__provider__calendar", "line")
        related = related.select_related("caller__merged_into")
        message = related.select_for_update(of=("self",), no_key=True).get(pk=text_id)
        known = Inquiry.objects.filter(text_message=message).first()
        return known or _write_request(message)


def _write_request(message: TextMessage) -> Inquiry:
    inquiry = Inquiry.objects.create(
        client=message.client,
        text_message=message,
        kind=InquiryKind.MESSAGE,
        contact=default_contact(message.client),
        caller_name=message.caller.kept.name if message.caller else "",
        caller_number=message.sender_number,
        language=message.line.language,
        text=plain_text(message.text),
        received_at=message.received_at,
        due_at=client_deadline(message.client, message.received_at),
    )
    send_to_contact(inquiry)
    hint_on_commit(client_channel(message.client_id), "inquiry", inquiry=inquiry.pk)
    return inquiry


def request_from_missing_texts() -> int:
    """Find SMS that have no request yet, whatever went wrong before; gives the number made."""
    waiting = TextMessage.objects.filter(inquiry=None, received_at__gt=clock.now() - LOOK_BACK)
    found = list(waiting.order_by("received_at").values_list("pk", flat=True)[:BATCH])
    return _count_requested(request_from_text, found)


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
        inquiry.answer_note = one_line(note, NOTE_LIMIT)
        inquiry.save(update_fields=["state", "answered_at", "answered_by", "answer_note"])
        hint_on_commit(agents_channel(), "inquiry", inquiry=inquiry.pk)
        return inquiry
