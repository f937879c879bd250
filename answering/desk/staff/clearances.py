"""Who may take whose calls: the clients of one colleague, and the agents of one client.

Only what was ticked or unticked on the page is changed: two who clear at once do not undo each other's work.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from answering.accounts.errors import StaffError
from answering.accounts.models import Agent
from answering.accounts.services.clearances import change_clearances
from answering.desk.access import desk_page
from answering.desk.board import AgentRow, rows_of
from answering.desk.people.access import user_of
from answering.desk.staff.forms import NameSearch
from answering.desk.staff.listing import agent_of
from answering.desk.staff.views import person_or_404
from clients.models import Client, Line

SHOWN = 300


@dataclass(frozen=True, slots=True)
class Ticks:
    """Public ids that a form has ticked, and that were ticked when it was shown; others are nobody's business."""

    ticked: set[uuid.UUID]
    was: set[uuid.UUID]

    @classmethod
    def of(cls, request: HttpRequest) -> "Ticks":
        try:
            return cls(*({uuid.UUID(each) for each in request.POST.getlist(name)} for name in ("ticked", "was")))
        except ValueError as error:
            raise Http404 from error

    @property
    def new(self) -> set[uuid.UUID]:
        return self.ticked - self.was

    @property
    def gone(self) -> set[uuid.UUID]:
        return self.was - self.ticked


@require_http_methods(["GET", "POST"])
@desk_page
def of_person(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The clients that one colleague is cleared for, ticked among all."""
    shown = person_or_404(public_id)
    agent = agent_of(shown)
    if agent is None or not shown.is_active:
        raise Http404
    if request.method == "POST":
        ticks = Ticks.of(request)
        known = dict(Client.objects.filter(closed_at=None).values_list("public_id", "pk"))
        grant, end = (_pairs([agent.pk], _known(ids, known)) for ids in (ticks.new, ticks.gone))
        _save(request, grant, end)
        return redirect(request.get_full_path())
    search = NameSearch(request.GET)
    cleared = set(agent.clearances.values_list("client_id", flat=True))
    found = Client.objects.filter(closed_at=None).named_like(_asked(search)).order_by("sort_key", "pk")
    if _is_narrowed(search):
        found = found.filter(pk__in=cleared)
    rows = [(client, client.pk in cleared) for client in found[: SHOWN + 1]]
    context = {"section": "staff", "tab": "clients", "person": shown, "agent": agent, "search": search}
    context |= {"rows": rows[:SHOWN], "has_more": len(rows) > SHOWN, "cleared": len(cleared), "limit": SHOWN}
    return render(request, "desk/staff/clients.html", context)


@require_http_methods(["GET", "POST"])
@desk_page
def of_client(request: HttpRequest, client_id: uuid.UUID) -> HttpResponse:
    """The agents cleared for one client, ticked among all; and lines whose language none of them speaks."""
    client = get_object_or_404(Client, public_id=client_id, closed_at=None)
    by = user_of(request)
    if request.method == "POST":
        ticks = Ticks.of(request)
        known = dict(Agent.objects.at_work().values_list("user__public_id", "pk"))
        grant, end = (_pairs(_known(ids, known), [client.pk]) for ids in (ticks.new, ticks.gone))
        _save(request, grant, end)
        return redirect(request.get_full_path())
    search = NameSearch(request.GET)
    cleared = _agents_of(client)
    rows = _agent_rows(search, {agent.pk for agent in cleared})
    context: dict[str, Any] = {
        "section": "clients" if by.is_administrator else "people",
        "tab": "agents",
        "client": client,
    }
    context |= {"search": search, "rows": rows[:SHOWN], "has_more": len(rows) > SHOWN, "limit": SHOWN}
    context |= {"lines": _served(client, cleared), "cleared": len(cleared)}
    return render(request, "desk/clients/agents.html", context)


def _asked(search: NameSearch) -> str:
    return search.cleaned_data["q"] if search.is_valid() else ""


def _is_narrowed(search: NameSearch) -> bool:
    return search.is_valid() and bool(search.cleaned_data["cleared"])


def _known(ids: Iterable[uuid.UUID], known: dict[uuid.UUID, int]) -> list[int]:
    """Keys of these; whoever has left since the page was shown is left out."""
    return [known[each] for each in ids if each in known]


def _pairs(agents: Sequence[int], clients: Sequence[int]) -> set[tuple[int, int]]:
    return {(agent, client) for agent in agents for client in clients}


def _save(request: HttpRequest, grant: set[tuple[int, int]], end: set[tuple[int, int]]) -> None:
    try:
        count = change_clearances(grant=grant, end=end, by=user_of(request))
    except StaffError as error:
        messages.error(request, str(error))
        return
    if count:
        said = ngettext("%(counter)d clearance is changed.", "%(counter)d clearances are changed.", count)
        messages.success(request, said % {"counter": count})
    else:
        messages.info(request, _("Nothing was changed."))


def _agents_of(client: Client) -> list[Agent]:
    agents = Agent.objects.at_work().filter(clearances__client=client)
    return list(agents.prefetch_related("languages"))


def _agent_rows(search: NameSearch, cleared: set[int]) -> list[tuple[AgentRow, list[str], bool]]:
    """Agents with what they do now, what they speak, and whether they are cleared; three queries."""
    found = Agent.objects.at_work().select_related("user").prefetch_related("languages")
    if search.is_valid():
        found = found.named_like(search.cleaned_data["q"])
    if _is_narrowed(search):
        found = found.filter(pk__in=cleared)
    agents = list(found.order_by("user__sort_key", "pk")[: SHOWN + 1])
    now = rows_of(agents)
    return [
        (now[agent.pk], sorted(each.language for each in agent.languages.all()), agent.pk in cleared)
        for agent in agents
    ]


def _served(client: Client, cleared: list[Agent]) -> list[tuple[Line, int]]:
    """Each line in use, and how many of the cleared agents speak its language."""
    spoken = [each.language for agent in cleared for each in agent.languages.all()]
    lines = client.lines.filter(is_active=True).order_by("name", "pk")
    return [(line, spoken.count(line.language)) for line in lines]
