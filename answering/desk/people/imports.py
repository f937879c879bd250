"""Pages of files of contacts: upload, preview, result, what was imported before; and the file that goes out."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from answering.desk.editing import render_form
from answering.desk.people.access import client_page, user_of
from answering.desk.people.import_forms import CarryOutForm, LayoutForm, UploadForm
from answering.desk.people.import_view import new_departments, row_page
from clients.errors import PeopleError
from clients.imports import jobs
from clients.imports.exports import FOR_EXCEL, FOR_OTHERS, export_contacts, export_name
from clients.imports.faults import Problem
from clients.imports.files import PIECE_BYTES
from clients.imports.work import UNDO_WINDOW
from clients.models import Client, ContactImport, ImportState

LOG_LENGTH = 30


@require_http_methods(["GET", "POST"])
@client_page
def imports(request: HttpRequest, client: Client) -> HttpResponse:
    """Choose a file; what is under way, and what was imported before."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            job = jobs.begin_import(
                client, name=file.name, pieces=lambda: file.chunks(PIECE_BYTES), size=file.size, by=user_of(request)
            )
        except PeopleError as error:
            form.add_error("file", str(error))
        else:
            return redirect("desk:contact_import", client.public_id, job.public_id)
    known = client.contact_imports.select_related("user", "undone_by")
    context = {
        "client": client,
        "form": form,
        "open": known.filter(carried_out_at=None).order_by("-uploaded_at", "-pk")[:LOG_LENGTH],
        "log": known.logged()[:LOG_LENGTH],
        "section": "people",
        "tab": "contacts",
    }
    return render_form(request, "desk/people/imports.html", context)


@require_GET
@never_cache
@client_page
def contact_import(request: HttpRequest, client: Client, import_id: uuid.UUID) -> HttpResponse:
    """How far an import is; while a worker is busy with it the page asks for its part again."""
    return _page(request, client, _found(client, import_id))


@require_POST
@client_page
def read_import(request: HttpRequest, client: Client, import_id: uuid.UUID) -> HttpResponse:
    """Read the file anew, as the form says."""
    job = _found(client, import_id)
    form = LayoutForm(job, request.POST)
    if not form.is_valid():
        return _page(request, client, job, layout_form=form, status=422)
    return _done(request, client, job, lambda: jobs.read_anew(job, form.layout()))


@require_POST
@client_page
def carry_out(request: HttpRequest, client: Client, import_id: uuid.UUID) -> HttpResponse:
    job = _found(client, import_id)
    form = CarryOutForm(request.POST)
    form.is_valid()
    is_all_or_nothing = form.cleaned_data["is_all_or_nothing"]
    try:
        jobs.carry_out(job, is_all_or_nothing=is_all_or_nothing, by=user_of(request))
    except jobs.RowsFaulty as error:
        form.add_error(None, str(error))
        return _page(request, client, job, carry_form=form, status=422)
    except PeopleError as error:
        messages.warning(request, str(error))
    return redirect("desk:contact_import", client.public_id, job.public_id)


@require_POST
@client_page
def take_back(request: HttpRequest, client: Client, import_id: uuid.UUID) -> HttpResponse:
    job = _found(client, import_id)
    return _done(request, client, job, lambda: jobs.take_back(job, by=user_of(request)))


@require_POST
@client_page
def discard(request: HttpRequest, client: Client, import_id: uuid.UUID) -> HttpResponse:
    job = _found(client, import_id)
    try:
        jobs.discard(job)
    except PeopleError as error:
        messages.warning(request, str(error))
        return redirect("desk:contact_import", client.public_id, job.public_id)
    messages.success(request, _("The file is deleted. Nothing was imported."))
    return redirect("desk:imports", client.public_id)


@require_GET
@never_cache
@client_page
def export(request: HttpRequest, client: Client) -> HttpResponseBase:
    """All present contacts as a file, for Excel unless told otherwise."""
    layout = FOR_OTHERS if request.GET.get("for") == "others" else FOR_EXCEL
    lines = export_contacts(client, layout, get_language() or "en")
    disposition = content_disposition_header(as_attachment=True, filename=export_name(client))
    headers = {"Content-Disposition": str(disposition), "X-Content-Type-Options": "nosniff"}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _found(client: Client, import_id: uuid.UUID) -> ContactImport:
    return get_object_or_404(client.contact_imports.select_related("client", "user", "undone_by"), public_id=import_id)


def _done(request: HttpRequest, client: Client, job: ContactImport, act: Callable[[], object]) -> HttpResponse:
    """Back to the import's page, with a word if somebody else was quicker."""
    try:
        act()
    except PeopleError as error:
        messages.warning(request, str(error))
    return redirect("desk:contact_import", client.public_id, job.public_id)


def _page(
    request: HttpRequest,
    client: Client,
    job: ContactImport,
    *,
    layout_form: LayoutForm | None = None,
    carry_form: CarryOutForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {"client": client, "job": job, "section": "people", "tab": "contacts"}
    if job.state in (ImportState.ASKING, ImportState.READY):
        context["layout_form"] = layout_form or LayoutForm(job)
    if job.problem:
        context["problem"] = Problem(job.problem).label
    if job.state == ImportState.READY:
        context |= {"carry_form": carry_form or CarryOutForm(), "new_departments": new_departments(job)}
    if not job.is_at_work and job.state != ImportState.ASKING:
        context["page"] = row_page(job, show=request.GET.get("show", ""), after=request.GET.get("after", ""))
    if jobs.can_be_taken_back(job) and job.carried_out_at:
        context["undo_until"] = job.carried_out_at + UNDO_WINDOW
    template = "desk/people/_import.html" if getattr(request, "htmx", False) else "desk/people/import.html"
    return render(request, template, context, status=status)
