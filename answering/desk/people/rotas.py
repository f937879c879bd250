"""Pages of a client's rotas: a week, shifts, substitutes, the address of the calendar."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from answering.desk.people.access import client_page, user_of
from answering.desk.people.rota_forms import OverrideForm, RotaForm, ShiftForm
from answering.desk.people.week import rota_week
from answering.lib import clock
from clients.duty import timetable_of
from clients.errors import PeopleError
from clients.models import Client, RepeatingShift, Rota, RotaOverride
from clients.rota_calendar import rota_calendar
from clients.services import rota as services

FIRST_YEAR, LAST_YEAR = 2000, 2100
NEW_ADDRESS = "rota_feed_address"


@require_GET
@client_page
def rotas(request: HttpRequest, client: Client) -> HttpResponse:
    """The first rota of the client, or how to begin one."""
    first = client.rotas.order_by("name", "pk").first()
    if first is not None:
        return redirect("desk:rota", client.public_id, first.public_id)
    return _page(request, client, "desk/people/no_rota.html", {"form": RotaForm(client)})


@require_POST
@client_page
def new_rota(request: HttpRequest, client: Client) -> HttpResponse:
    form = RotaForm(client, request.POST)
    made: list[Rota] = []
    if _done(form, lambda: made.append(services.add_rota(client, **form.cleaned_data, by=user_of(request)))):
        messages.success(request, _("The rota is made. Add its shifts now."))
        return redirect("desk:rota", client.public_id, made[0].public_id)
    return _page(request, client, "desk/people/no_rota.html", {"form": form}, status=422)


@require_GET
@client_page
def rota(request: HttpRequest, client: Client, rota_id: uuid.UUID) -> HttpResponse:
    return _rota(request, client, _found(client, rota_id))


@require_http_methods(["POST"])
@client_page
def change(request: HttpRequest, client: Client, rota_id: uuid.UUID) -> HttpResponse:
    found = _found(client, rota_id)
    form = RotaForm(client, request.POST, rota=found)
    if _done(form, lambda: services.change_rota(found, **form.cleaned_data, by=user_of(request))):
        return _back(request, found, _("Saved."))
    return _rota(request, client, found, rota_form=form)


@require_POST
@client_page
def add_shifts(request: HttpRequest, client: Client, rota_id: uuid.UUID) -> HttpResponse:
    found = _found(client, rota_id)
    form = ShiftForm(client, request.POST)
    if _done(form, lambda: services.add_shifts(found, form.shift_fields(), by=user_of(request))):
        return _back(request, found, _("The shifts are on the rota."))
    return _rota(request, client, found, shift_form=form)


@require_POST
@client_page
def end_shift(request: HttpRequest, client: Client, rota_id: uuid.UUID, shift_id: int) -> HttpResponse:
    """It is not worked from tomorrow on; what is past stays on the rota."""
    found = _found(client, rota_id)
    shift = get_object_or_404(RepeatingShift.objects.select_related("contact", "rota__client"), pk=shift_id, rota=found)
    services.end_shift(shift, last_day=timezone.localdate() - timedelta(days=1), by=user_of(request))
    return _back(request, found, _("The shift is no longer worked, from today on."))


@require_POST
@client_page
def add_override(request: HttpRequest, client: Client, rota_id: uuid.UUID) -> HttpResponse:
    found = _found(client, rota_id)
    form = OverrideForm(client, request.POST)
    if _done(form, lambda: services.add_override(found, **form.cleaned_data, by=user_of(request))):
        return _back(request, found, _("%(name)s is on duty instead.") % {"name": form.cleaned_data["contact"].name})
    return _rota(request, client, found, override_form=form)


@require_POST
@client_page
def end_override(request: HttpRequest, client: Client, rota_id: uuid.UUID, override_id: int) -> HttpResponse:
    found = _found(client, rota_id)
    related = RotaOverride.objects.select_related("contact", "rota__client")
    services.end_override(get_object_or_404(related, pk=override_id, rota=found), by=user_of(request))
    return _back(request, found, _("From now on the rota counts again."))


@require_POST
@client_page
def feed(request: HttpRequest, client: Client, rota_id: uuid.UUID) -> HttpResponse:
    """Make a new calendar address, shown once, or revoke it."""
    found = _found(client, rota_id)
    if request.POST.get("revoke"):
        services.revoke_feed(found, by=user_of(request))
        return _back(request, found, _("The calendar address no longer works."))
    secret = services.open_feed(found, by=user_of(request))
    address = request.build_absolute_uri(reverse("rota_feed", args=[secret]))
    request.session[NEW_ADDRESS] = address
    return _back(request, found, _("The calendar address is made. Copy it now: it is shown only once."))


@require_GET
@never_cache
def calendar_feed(request: HttpRequest, secret: str) -> HttpResponse:
    """The rota as a calendar for whoever has its address; 404 for any other secret."""
    found = services.rota_of_feed(secret)
    if found is None:
        raise Http404
    names = dict(found.client.contacts.filter(left_at=None).values_list("pk", "name"))
    body = rota_calendar(found, timetable_of(found), names)
    return HttpResponse(body, content_type="text/calendar; charset=utf-8", headers={"X-Robots-Tag": "noindex"})


def _found(client: Client, rota_id: uuid.UUID) -> Rota:
    return get_object_or_404(Rota.objects.select_related("client", "calendar"), client=client, public_id=rota_id)


def _done(form: forms.Form, act: Callable[[], Any]) -> bool:
    """Whether the form is valid and was acted on; what the service refuses stands above the form."""
    if not form.is_valid():
        return False
    try:
        act()
    except PeopleError as error:
        form.add_error(None, str(error))
        return False
    return True


def _back(request: HttpRequest, found: Rota, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("desk:rota", found.client.public_id, found.public_id)


def _rota(request: HttpRequest, client: Client, found: Rota, **bound: forms.Form) -> HttpResponse:
    """The page of a rota; 422 when one of its forms comes back with errors."""
    today = timezone.localdate()
    initial = {"first_day": today, "every_weeks": 1}
    context = {
        "rotas": client.rotas.order_by("name", "pk"),
        "rota": found,
        "week": rota_week(found, client, _monday(request.GET.get("week", ""), today)),
        "shifts": found.shifts.select_related("contact")
        .exclude(last_day__lt=today)
        .order_by("contact__sort_key", "pk"),
        "overrides": found.overrides.select_related("contact").filter(ends_at__gt=clock.now()).order_by("starts_at"),
        "has_feed": found.feeds.filter(revoked_at=None).exists(),
        "new_address": request.session.pop(NEW_ADDRESS, ""),
        "rota_form": RotaForm(client, initial={"name": found.name, "calendar": found.calendar_id}, rota=found),
        "shift_form": ShiftForm(client, initial=initial),
        "override_form": OverrideForm(client),
        "new_form": RotaForm(client),
        **bound,
    }
    return _page(request, client, "desk/people/rota.html", context, status=422 if bound else 200)


def _shifts(found: Rota, today: date) -> Any:
    current = found.shifts.exclude(last_day__lt=today).select_related("contact")
    return current.order_by("contact__sort_key", "contact", "pk")


def _monday(asked: str, today: date) -> date:
    """The Monday of the week asked for; of this week when that is no date, or far away."""
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        day = today
    if not FIRST_YEAR < day.year < LAST_YEAR:
        day = today
    return day - timedelta(days=day.weekday())


def _page(
    request: HttpRequest, client: Client, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    return render(request, template, {"client": client, "section": "people", "tab": "rota", **context}, status=status)
