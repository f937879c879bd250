"""Who is calling, as the agent corrects it during the call."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from answering.accounts.models import Agent
from answering.console.access import command, for_agent, own_call, says_errors
from answering.console.caller_forms import CallerForm, LinkForm, may_block
from answering.console.views.answers import invalid
from calls.models import Call, Caller
from calls.services.caller_records import is_free, link_call, own_number, save_caller_in_call
from clients.errors import ChangedMeanwhile

FOUND_SHOWN, SHORTEST_NAME, LONGEST_NAME = 8, 2, 60


@require_GET
@never_cache
@for_agent
@says_errors
def caller_form(request: HttpRequest, agent: Agent, call_id: uuid.UUID) -> HttpResponse:
    """The form of the caller of this call."""
    call = _cleared_call(agent, call_id)
    form = CallerForm(instance=_caller_of(call), may_block=may_block(agent, call))
    return render(request, "console/_caller_form.html", {"form": form, "call": call})


@command
def save_caller(request: HttpRequest, agent: Agent, call_id: uuid.UUID) -> HttpResponse:
    """Nothing is left to show once it is saved; 422 with the form where something is wrong."""
    call = _cleared_call(agent, call_id)
    caller = _caller_of(call)
    form = CallerForm(request.POST, instance=caller, may_block=may_block(agent, call))
    if form.is_valid():
        try:
            if not form.is_of(caller):
                raise ChangedMeanwhile
            save_caller_in_call(caller, call, seen=form.cleaned_data["revision"], agent=agent)
        except ChangedMeanwhile:
            form.say_changed(_caller_of(_cleared_call(agent, call_id)))
        else:
            return HttpResponse()
    return render(request, "console/_caller_form.html", {"form": form, "call": call}, status=422)


@require_GET
@never_cache
@for_agent
@says_errors
def find_caller(request: HttpRequest, agent: Agent, call_id: uuid.UUID) -> HttpResponse:
    """The search for a caller of this client by name, or, for a name, who is found."""
    call = _cleared_call(agent, call_id)
    name = request.GET.get("q", "").strip()[:LONGEST_NAME]
    if "q" in request.GET:
        found = _named(call, name) if len(name) >= SHORTEST_NAME else []
        return render(request, "console/_callers_found.html", {"found": found, "name": name})
    number = own_number(call)
    can_keep = number is not None and is_free(number, call)
    linked_elsewhere = number is not None and call.caller is not None and number.kept_id != call.caller.kept_id
    context = {"call": call, "can_keep": can_keep, "own": number.kept if number and linked_elsewhere else None}
    return render(request, "console/_caller_find.html", context)


@command
def link_caller(request: HttpRequest, agent: Agent, call_id: uuid.UUID) -> HttpResponse:
    """The agent says who it is."""
    call = _cleared_call(agent, call_id)
    form = LinkForm(request.POST)
    if not form.is_valid():
        return invalid(form)
    people = Caller.objects.kept().filter(client=call.client_id)
    caller = get_object_or_404(people, pk=form.cleaned_data["caller"])
    link_call(call, caller, agent=agent, keeps_number=form.cleaned_data["keeps_number"])
    return HttpResponse()


def _cleared_call(agent: Agent, call_id: uuid.UUID) -> Call:
    """The agent's own call, of a client for whom they are cleared still."""
    call = own_call(agent, call_id)
    if not agent.clearances.filter(client=call.client_id).exists():
        raise Http404
    return call


def _caller_of(call: Call) -> Caller:
    if call.caller is None:
        raise Http404
    return call.caller.kept


def _named(call: Call, name: str) -> list[Caller]:
    """At most two queries."""
    people = Caller.objects.kept().filter(client=call.client_id).named(name).prefetch_related("merged")
    if call.caller is not None:
        people = people.exclude(pk=call.caller.kept_id)
    return list(people.order_by("search_key", "pk")[:FOUND_SHOWN])
