import uuid
from datetime import timedelta

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from answering.desk.access import setup_page
from answering.desk.choices import country_name
from answering.desk.clients.checklist import checklist_of
from answering.desk.clients.closing import consequences_of_closing
from answering.desk.clients.forms import ClientForm, ClientSearch
from answering.desk.editing import render_form, saves
from answering.desk.paging import page_by_name
from answering.desk.people.access import user_of
from clients.models import Client, Provider
from clients.services.companies import close_client, reopen_client


@require_GET
@setup_page
def clients(request: HttpRequest) -> HttpResponse:
    """The companies we answer for, by name."""
    search = ClientSearch(request.GET)
    found = search.apply(Client.objects.all())
    found = found.select_related("consultant__user").annotate(lines_in_use=Count("lines", Q(lines__is_active=True)))
    page = page_by_name(found, before=request.GET.get("before", ""), after=request.GET.get("after", ""))
    query = request.GET.copy()
    for mark in ("before", "after"):
        query.pop(mark, None)
    context = {"section": "clients", "search": search, "page": page, "query": query.urlencode()}
    return render(request, "desk/clients/list.html", context)


@require_GET
@setup_page
def client(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One company: what is agreed with it."""
    related = ("calendar", "consultant__user", "substitute__user")
    shown = get_object_or_404(Client.objects.select_related(*related), public_id=public_id)
    context = {"section": "clients", "tab": "overview", "client": shown, "country": country_name(shown.country)}
    context["checklist"] = checklist_of(shown)
    context["response_hours"] = shown.response_target / timedelta(hours=1)
    return render(request, "desk/clients/overview.html", context)


@require_http_methods(["GET", "POST"])
@setup_page
def new_client(request: HttpRequest) -> HttpResponse:
    provider = Provider.objects.order_by("pk").first()
    if provider is None:
        return render(request, "desk/clients/no_operator.html", {"section": "clients"})
    beginning = Client(
        provider=provider, country=provider.country, time_zone=provider.time_zone, calendar_id=provider.calendar_id
    )
    form = ClientForm(request.POST or None, instance=beginning, author=user_of(request))
    if request.method == "POST" and saves(form):
        messages.success(request, _("%(client)s is a client now.") % {"client": form.instance.name})
        return redirect("desk:client", form.instance.public_id)
    return render_form(request, "desk/clients/edit.html", {"section": "clients", "form": form})


@require_http_methods(["GET", "POST"])
@setup_page
def edit_client(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    edited = get_object_or_404(Client, public_id=public_id)
    form = ClientForm(request.POST or None, instance=edited, author=user_of(request))
    if request.method == "POST" and saves(form):
        messages.success(request, _("Saved."))
        return redirect("desk:client", edited.public_id)
    context = {"section": "clients", "tab": "overview", "client": edited, "form": form}
    return render_form(request, "desk/clients/edit.html", context)


@require_http_methods(["GET", "POST"])
@setup_page
def close(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Say what closing will do, then close."""
    closed = get_object_or_404(Client, public_id=public_id)
    if request.method == "POST":
        close_client(closed.pk)
        messages.success(request, _("%(client)s is closed. You can undo this on its page.") % {"client": closed.name})
        return redirect("desk:client", public_id)
    context = {"section": "clients", "tab": "overview", "client": closed, "will": consequences_of_closing(closed)}
    return render(request, "desk/clients/close.html", context)


@require_POST
@setup_page
def reopen(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Undo the closing."""
    opened = get_object_or_404(Client, public_id=public_id)
    reopen_client(opened.pk)
    messages.success(request, _("%(client)s is answered again.") % {"client": opened.name})
    return redirect("desk:client", public_id)
