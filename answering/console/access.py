"""Who may use the console, and which calls an agent may reach from it."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from answering.accounts.models import Agent, User
from calls.errors import CallError, ConsoleReplaced, NotYourCall
from calls.models import Call
from inquiries.errors import InquiryError

CONSOLE_HEADER = "X-Console"

P = ParamSpec("P")
AgentView = Callable[Concatenate[HttpRequest, Agent, P], HttpResponse]
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def agent_of(user: User) -> Agent | None:
    """The agent this user is; None for staff who have not been made one."""
    agent = Agent.objects.filter(user_id=user.pk).first()
    if agent is not None:
        agent.user = user
    return agent


def for_agent(view: AgentView[P]) -> View[P]:
    """Call the view with the agent who asks; 401 as JSON when signed out, 404 for anybody else."""

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        user = request.user
        if not isinstance(user, User):
            message = _("You are signed out. Sign in again in another tab; what you typed is kept here.")
            return JsonResponse({"error": message, "reason": "SignedOut"}, status=401)
        agent = agent_of(user) if user.has_console else None
        if agent is None:
            raise Http404
        return view(request, agent, *args, **kwargs)

    return wrapped


def says_errors(view: AgentView[P]) -> AgentView[P]:
    """Answer what the services refuse with 409 and a sentence for the agent."""

    @wraps(view)
    def wrapped(request: HttpRequest, agent: Agent, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, agent, *args, **kwargs)
        except (CallError, InquiryError) as error:
            return JsonResponse({"error": str(error), "reason": type(error).__name__}, status=409)

    return wrapped


def command(view: AgentView[P]) -> View[P]:
    """A POST by the agent from the page that holds the agent; an older page gets ConsoleReplaced."""

    @wraps(view)
    def held(request: HttpRequest, agent: Agent, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not is_held_by(agent, console_of(request)):
            raise ConsoleReplaced
        return view(request, agent, *args, **kwargs)

    return require_POST(for_agent(says_errors(held)))


def console_of(request: HttpRequest) -> str:
    """Which page asks; a farewell (`navigator.sendBeacon`) can send no header and says it as a field."""
    return request.headers.get(CONSOLE_HEADER) or request.POST.get("console_id", "")


def is_held_by(agent: Agent, console_id: str) -> bool:
    """Whether this page is the one that holds the agent."""
    return agent.console_id is not None and str(agent.console_id) == console_id


def reachable_calls(agent: Agent) -> QuerySet[Call]:
    """The agent's own calls and those of the clients the agent is cleared for."""
    return Call.objects.filter(Q(agent=agent) | Q(client_id__in=agent.clearances.values("client_id")))


def reachable_call(agent: Agent, public_id: uuid.UUID) -> Call:
    """That call, with its line and client; 404 for a client the agent is not cleared for."""
    return get_object_or_404(
        reachable_calls(agent).select_related("line", "client__calendar", "client__provider__calendar"),
        public_id=public_id,
    )


def own_call(agent: Agent, public_id: uuid.UUID) -> Call:
    """That call if it is this agent's; 404 for a stranger's, NotYourCall for a colleague's."""
    call = reachable_call(agent, public_id)
    if call.agent_id != agent.pk:
        raise NotYourCall
    return call
