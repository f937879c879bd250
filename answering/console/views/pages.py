import uuid
from contextlib import suppress

from csp.decorators import csp_update
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from answering.accounts.models import Agent, User
from answering.console.access import CONSOLE_HEADER, agent_of, for_agent
from answering.console.board import read_board
from answering.console.telephone import SDK_SOURCES, telephone_of
from answering.console.words import page_words


@require_GET
@never_cache
@login_required
def console(request: HttpRequest) -> HttpResponseBase:
    """The page of a newly opened console; it takes the agent over by `open_page` once it runs."""
    user = request.user
    if not isinstance(user, User) or not user.has_console:
        raise Http404
    agent = agent_of(user)
    if agent is None:
        return render(request, "console/no_agent.html", status=403)
    telephone = telephone_of(agent)
    context = {
        "board": read_board(agent),
        "console_id": uuid.uuid4(),
        "ice_servers": settings.ICE_SERVERS,
        "telephone": telephone,
        "words": page_words(),
    }
    page = render(request, "console/console.html", context)
    return csp_update(SDK_SOURCES)(lambda _request: page)(request) if telephone else page


@require_GET
@never_cache
@for_agent
def board(request: HttpRequest, agent: Agent) -> HttpResponse:
    """The parts of the page that change, each to be put in its place by its id."""
    found = read_board(
        agent,
        opened=_uuid(request.GET.get("opened")),
        shown=_uuid(request.GET.get("shown")),
        console_id=request.headers.get(CONSOLE_HEADER, ""),
        has_telephone=request.GET.get("telephone") != "none",
    )
    return render(request, "console/_board.html", {"board": found, "oob": True})


def _uuid(text: str | None) -> uuid.UUID | None:
    with suppress(ValueError):
        return uuid.UUID(text) if text else None
    return None
