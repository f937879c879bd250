"""Terms of one client: what was announced, who has read it, and announcing a change."""

import uuid
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from answering.desk.access import setup_page
from answering.desk.clients.terms_forms import ChangeForm, ContractForm, PricesForm
from answering.desk.editing import render_form
from answering.desk.people.access import user_of
from answering.lib import clock
from answering.outbox.models import DeliveryState
from answering.outbox.services import try_again
from billing.models import Tariff, TariffVersion
from billing.tariff_words import figures_of
from clients.models import Acknowledgement, Announcement, Client
from clients.services.announcements import letters_given_up
from clients.services.contracts import Terms, figures_of_terms

PAGE_SIZE = 30
DEAD = Q(copies__delivery__state=DeliveryState.DEAD) | Q(copies__reminder__state=DeliveryState.DEAD)


@require_GET
@setup_page
def terms(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """What holds now, and what was announced, newest first."""
    client = get_object_or_404(Client, public_id=public_id)
    rows = _announced(client, request.GET.get("before", ""))
    context: dict[str, Any] = {"section": "clients", "tab": "terms", "client": client}
    context["rows"] = [(row, row.text_for(client.language)) for row in rows[:PAGE_SIZE]]
    context["older"] = rows[PAGE_SIZE - 1].public_id if len(rows) > PAGE_SIZE else None
    context["contract"] = figures_of_terms(Terms.of(client))
    context["version"] = version = _version_in_force(client)
    context["prices"] = {} if version is None else figures_of(version, client.currency)
    with timezone.override(ZoneInfo(client.time_zone)):
        return render(request, "desk/clients/terms.html", context)


def _announced(client: Client, before: str) -> list[Announcement]:
    """A page, and one row more if there are older ones."""
    found = client.announcements.annotate(
        told=Count("copies", distinct=True),
        confirmed=Count("acknowledgements", distinct=True),
        given_up=Count("copies", filter=DEAD, distinct=True),
    )
    try:
        mark = client.announcements.filter(public_id=uuid.UUID(before)).first() if before else None
    except ValueError:
        mark = None
    if mark is not None:
        found = found.filter(pk__lt=mark.pk)
    return list(found.prefetch_related("texts").order_by("-pk")[: PAGE_SIZE + 1])


def _version_in_force(client: Client) -> TariffVersion | None:
    versions = TariffVersion.objects.filter(tariff__client=client, valid_from__lte=clock.now())
    return versions.select_related("tariff").order_by("-valid_from").first()


@require_http_methods(["GET", "POST"])
@setup_page
def announce_contract(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Plan, services, reply target, notice, or words only."""
    client = _open_client(public_id)
    with timezone.override(ZoneInfo(client.time_zone)):
        form = ContractForm(client, user_of(request), request.POST or None)
        return _announce(request, form, {"title": _("Announce a change of contract")})


@require_http_methods(["GET", "POST"])
@setup_page
def announce_prices(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Other figures in the last version of the tariff."""
    client = _open_client(public_id)
    tariff = get_object_or_404(Tariff.objects.select_related("client__provider", "client__calendar"), client=client)
    last = tariff.versions.order_by("-number").first()
    if last is None:
        raise Http404
    with timezone.override(ZoneInfo(client.time_zone)):
        form = PricesForm(tariff, last, user_of(request), request.POST or None)
        return _announce(request, form, {"title": _("Announce new prices")})


def _open_client(public_id: uuid.UUID) -> Client:
    related = Client.objects.select_related("provider", "calendar")
    return get_object_or_404(related, public_id=public_id, closed_at=None)


def _announce(request: HttpRequest, form: ChangeForm, context: dict[str, Any]) -> HttpResponse:
    """First what would be sent is shown, then it is sent."""
    context |= {"section": "clients", "tab": "terms", "client": form.client, "form": form}
    if request.method != "POST" or not form.is_valid():
        return render_form(request, "desk/clients/announce.html", context)
    if "send" in request.POST:
        if not form.sends():
            return render_form(request, "desk/clients/announce.html", context)
        messages.success(request, _said_to(form))
        return redirect("desk:terms", form.client.public_id)
    return render(request, "desk/clients/announce.html", context)


def _said_to(form: ChangeForm) -> str:
    if not form.owners:
        return _("It is written down. Nobody owns this client's portal yet: who comes before it begins is told.")
    count = len(form.owners)
    return ngettext("%(counter)d owner is told.", "%(counter)d owners are told.", count) % {"counter": count}


@require_GET
@setup_page
def announcement(request: HttpRequest, public_id: uuid.UUID, announcement_id: uuid.UUID) -> HttpResponse:
    """Its words, and for each owner: letter, reminder, confirmation."""
    shown = _announcement(public_id, announcement_id)
    confirmed = {row.user_id: row for row in Acknowledgement.objects.filter(announcement=shown).select_related("text")}
    copies = shown.copies.select_related("user", "delivery", "reminder").order_by("user__sort_key", "pk")
    context = {"section": "clients", "tab": "terms", "client": shown.client, "announcement": shown}
    context["text"] = shown.text_for(shown.client.language)
    context["copies"] = [(copy, confirmed.get(copy.user_id)) for copy in copies]
    context["given_up"] = letters_given_up(shown).count()
    with timezone.override(ZoneInfo(shown.client.time_zone)):
        return render(request, "desk/clients/announcement.html", context)


def _announcement(public_id: uuid.UUID, announcement_id: uuid.UUID) -> Announcement:
    related = Announcement.objects.select_related("client", "author")
    return get_object_or_404(related, public_id=announcement_id, client__public_id=public_id)


@require_POST
@setup_page
def send_again(request: HttpRequest, public_id: uuid.UUID, announcement_id: uuid.UUID) -> HttpResponse:
    """Try again the letters that were given up."""
    count = try_again(letters_given_up(_announcement(public_id, announcement_id)))
    said = ngettext("%(count)d delivery is due again.", "%(count)d deliveries are due again.", count)
    messages.success(request, said % {"count": count})
    return redirect("desk:announcement", public_id, announcement_id)
