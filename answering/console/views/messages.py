import uuid

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from answering.accounts.models import Agent
from answering.accounts.templatetags.formats import clock_second
from answering.console.access import command, for_agent, reachable_call, says_errors
from answering.console.forms import AnswerForm, DraftForm, MessageForm
from answering.console.letter import letter_of
from answering.console.views.answers import invalid
from answering.push.channels import agent_channel
from answering.push.hints import hint
from calls.models import Call
from clients.models import Contact
from inquiries.models import Inquiry, InquiryKind, MessageDraft
from inquiries.services import answer_inquiry, save_draft, take_message


@require_POST
@for_agent
@says_errors
def draft(request: HttpRequest, agent: Agent, call_id: uuid.UUID) -> HttpResponse:
    """Keep what has been typed so far; also from a page that has just been replaced, whose last words these are."""
    call = reachable_call(agent, call_id)
    form = DraftForm(request.POST, client=call.client)
    if not form.is_valid():
        return invalid(form)
    kept = save_draft(
        call,
        agent=agent,
        revision=form.cleaned_data["revision"],
        fields=form.message_fields(),
        form_key=form.cleaned_data["form_key"],
    )
    if kept is None:
        return JsonResponse({"sent": True})
    return JsonResponse({"revision": kept.revision, "saved_at": clock_second(kept.saved_at)})


@command
def message(request: HttpRequest, agent: Agent, call_id: uuid.UUID) -> HttpResponse:
    """Take the message and show the form's place anew; with errors, as it was typed.

    Whose form it is the service knows: it may be somebody's who had the call and lost it.
    """
    call = reachable_call(agent, call_id)
    form = MessageForm(request.POST, client=call.client)
    if not form.is_valid():
        return _letter(request, call, form, status=422)
    take_message(call, agent=agent, fields=form.message_fields(), form_key=form.cleaned_data["form_key"])
    hint(agent_channel(agent.pk), "message", call=str(call.public_id))
    return _letter(request, call)


def _letter(request: HttpRequest, call: Call, form: MessageForm | None = None, status: int = 200) -> HttpResponse:
    contacts = list(Contact.objects.filter(client=call.client).present().select_related("department"))
    sent = (
        Inquiry.objects.filter(call=call, kind=InquiryKind.MESSAGE).select_related("contact").order_by("-received_at")
    )
    kept = MessageDraft.objects.filter(call=call).first() if form else None
    shown = letter_of(call, contacts, kept, list(sent), bound=form)
    return render(request, "console/_letter.html", {"letter": shown}, status=status)


@command
def answer_request(request: HttpRequest, agent: Agent, inquiry_id: uuid.UUID) -> HttpResponse:
    """The reply has been given: the clock of this request stops."""
    form = AnswerForm(request.POST)
    cleared = Inquiry.objects.filter(client_id__in=agent.clearances.values("client_id"))
    inquiry = get_object_or_404(cleared, public_id=inquiry_id, kind=InquiryKind.CALLBACK)
    if not form.is_valid():
        return invalid(form)
    answer_inquiry(inquiry.pk, agent=agent, note=form.cleaned_data["note"])
    return JsonResponse({"ok": True})
