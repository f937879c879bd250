import uuid

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from answering.accounts.models import Agent, Presence
from answering.console.access import CONSOLE_HEADER, command, for_agent, own_call, says_errors
from answering.console.forms import HeartbeatForm, PresenceForm
from answering.console.views.answers import invalid
from answering.push.channels import agent_channel, agents_channel, call_channel
from answering.push.streams import stream_url
from calls.models import Call, Party
from calls.services import hear_agent, note_heartbeat, open_console, set_presence
from calls.states import AGENT_STATES


@require_POST
@for_agent
def open_page(request: HttpRequest, agent: Agent) -> HttpResponse:
    """This page now holds the agent; an older one is told so."""
    try:
        console_id = uuid.UUID(request.headers.get(CONSOLE_HEADER, ""))
    except ValueError:
        return HttpResponse(status=422)
    return JsonResponse({"presence": open_console(agent, console_id).presence})


@command
def presence(request: HttpRequest, agent: Agent) -> HttpResponse:
    form = PresenceForm(request.POST)
    if not form.is_valid():
        return invalid(form)
    chosen = set_presence(agent, Presence(form.cleaned_data["presence"]))
    return JsonResponse({"presence": chosen.presence})


@require_POST
@for_agent
@says_errors
def heartbeat(request: HttpRequest, agent: Agent) -> HttpResponse:
    """The page lives; with a call it says what it hears of it, and learns where the call stands."""
    form = HeartbeatForm(request.POST)
    if not form.is_valid():
        return invalid(form)
    hear_agent(agent, form.cleaned_data["console_id"])
    call_id = form.cleaned_data["call"]
    if call_id is None:
        return JsonResponse({"ok": True})
    call = own_call(agent, call_id)
    _note(call, form.cleaned_data["generation"], form.cleaned_data["packets"])
    call.refresh_from_db(fields=["state", "generation"])
    return JsonResponse({"ok": True, "state": call.state, "generation": call.generation})


def _note(call: Call, generation: int | None, packets: int | None) -> None:
    """A page that has no audio yet says only that it lives, which is not a sign of life of the call."""
    if generation and generation <= call.generation and call.state in AGENT_STATES:
        note_heartbeat(call, party=Party.AGENT, generation=generation, packets_received=packets or 0)


@require_POST
@for_agent
def ticket(request: HttpRequest, agent: Agent) -> HttpResponse:
    """The address of a stream with what concerns this agent."""
    channels = [agent_channel(agent.pk), agents_channel()]
    live = Call.objects.held_by(agent).values_list("public_id", flat=True).first()
    if live is not None:
        channels.append(call_channel(live))
    return JsonResponse({"url": stream_url(channels)})
