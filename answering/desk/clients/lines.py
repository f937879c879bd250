"""The lines of one client, who is put through, and what would become of a call."""

import uuid
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from answering.desk.access import setup_page
from answering.desk.clients.line_forms import LineForm, ScreeningForm, TestForm
from answering.desk.clients.line_test import sentences
from answering.desk.editing import render_form, saves
from answering.lib import clock
from calls.services.explain import explain_call
from calls.services.screening import Screening, screen_caller, screened_callers
from clients.models import Client, Line

SCREENED_SHOWN = 200


@require_GET
@setup_page
def lines(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """All lines of the client, and the callers who are never or always put through."""
    client = get_object_or_404(Client, public_id=public_id)
    return _lines_page(request, client, ScreeningForm(client))


def _lines_page(request: HttpRequest, client: Client, form: ScreeningForm) -> HttpResponse:
    context = {"section": "clients", "tab": "lines", "client": client, "form": form, "none": Screening.NONE.value}
    context["lines"] = client.lines.select_related("calendar", "script").order_by("name", "pk")
    context["screened"] = screened_callers(client)[:SCREENED_SHOWN]
    return render_form(request, "desk/clients/lines.html", context)


@require_POST
@setup_page
def screen(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Put a number on one of the lists, or off both."""
    client = get_object_or_404(Client, public_id=public_id)
    form = ScreeningForm(client, request.POST)
    if not form.is_valid():
        return _lines_page(request, client, form)
    screen_caller(client, form.cleaned_data["number"], Screening(form.cleaned_data["screening"]))
    messages.success(request, _("Saved. It holds from the next call on."))
    return redirect("desk:lines", public_id)


@require_http_methods(["GET", "POST"])
@setup_page
def new_line(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    client = get_object_or_404(Client, public_id=public_id)
    return _edit(request, Line(client=client, language=client.language, calendar_id=client.calendar_id))


@require_http_methods(["GET", "POST"])
@setup_page
def edit_line(request: HttpRequest, public_id: uuid.UUID, line_id: uuid.UUID) -> HttpResponse:
    return _edit(request, _line_of(public_id, line_id))


def _line_of(client_id: uuid.UUID, line_id: uuid.UUID) -> Line:
    lines = Line.objects.select_related("client", "calendar", "script")
    return get_object_or_404(lines, public_id=line_id, client__public_id=client_id)


def _edit(request: HttpRequest, line: Line) -> HttpResponse:
    form = LineForm(request.POST or None, instance=line)
    if request.method == "POST" and saves(form):
        messages.success(request, _("Saved. It holds from the next call on."))
        return redirect("desk:lines", line.client.public_id)
    context = {"section": "clients", "tab": "lines", "client": line.client, "line": line, "form": form}
    return render_form(request, "desk/clients/line.html", context)


@require_GET
@setup_page
def test_line(request: HttpRequest, public_id: uuid.UUID, line_id: uuid.UUID) -> HttpResponse:
    """What happens if somebody calls then, from there: the router decides, nothing is written."""
    line = _line_of(public_id, line_id)
    with timezone.override(ZoneInfo(line.calendar.time_zone)):
        asked = TestForm(request.GET if "moment" in request.GET else None, initial={"moment": clock.now()})
        context = {"section": "clients", "tab": "lines", "client": line.client, "line": line, "form": asked}
        if asked.is_valid():
            explained = explain_call(line, number=asked.cleaned_data["number"], moment=asked.cleaned_data["moment"])
            context |= {"steps": sentences(explained), "explained": explained}
        return render(request, "desk/clients/line_test.html", context)
