import uuid

from django.http import HttpRequest, HttpResponse, JsonResponse

from answering.accounts.models import Agent
from answering.console.access import command, own_call, reachable_call
from answering.console.actions import finish_call
from answering.console.forms import DispositionForm
from answering.console.views.answers import call_answer, invalid
from calls.models import Disposition, Party
from calls.services import (
    claim_call,
    decline_offer,
    end_call,
    hold_call,
    note_leaving,
    renew_audio,
    resume_call,
)


@command
def claim(request: HttpRequest, agent: Agent, call_id: uuid.UUID) -> HttpResponse:
    return call_answer(claim_call(reachable_call(agent, call_id).pk, agent=agent))


@command
def decline(request: HttpRequest, agent: Agent, call_id: uuid.UUID) -> HttpResponse:
    decline_offer(reachable_call(agent, call_id).pk, agent=agent)
    return JsonResponse({"ok": True})


@command
def hold(request: HttpRequest, agent: Agent, call_id: uuid.UUID) -> HttpResponse:
    return call_answer(hold_call(own_call(agent, call_id).pk, agent=agent))


@command
def resume(request: HttpRequest, agent: Agent, call_id: uuid.UUID) -> HttpResponse:
    return call_answer(resume_call(own_call(agent, call_id).pk, agent=agent))


@command
def end(request: HttpRequest, agent: Agent, call_id: uuid.UUID) -> HttpResponse:
    return call_answer(end_call(own_call(agent, call_id).pk, agent=agent))


@command
def close(request: HttpRequest, agent: Agent, call_id: uuid.UUID) -> HttpResponse:
    form = DispositionForm(request.POST)
    call = own_call(agent, call_id)
    if not form.is_valid():
        return invalid(form)
    disposition = Disposition(form.cleaned_data["disposition"])
    return call_answer(finish_call(call, agent=agent, disposition=disposition))


@command
def rejoin(request: HttpRequest, agent: Agent, call_id: uuid.UUID) -> HttpResponse:
    """The page was reloaded, or its audio broke: new audio under a new generation."""
    return call_answer(renew_audio(own_call(agent, call_id).pk, party=Party.AGENT, agent=agent))


@command
def leaving(request: HttpRequest, agent: Agent, call_id: uuid.UUID) -> HttpResponse:
    note_leaving(own_call(agent, call_id), party=Party.AGENT)
    return HttpResponse(status=204)
