"""What is agreed with the company, what will change, and that its owners have read it."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from answering.lib import clock
from answering.portal.access import Visit, open_in, owner_page, portal_page
from answering.portal.paging import newest_first
from billing.models import TariffVersion
from billing.tariff_words import figures_of
from clients.errors import TextUnknown
from clients.models import Announcement
from clients.services.announcements import acknowledge
from clients.services.contracts import Terms, figures_of_terms


@require_GET
@owner_page
def terms(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The terms that hold now, and every change that was announced, newest first."""
    mine = Announcement.objects.visible_to(visit.user).filter(client=visit.company)
    found = mine.confirmed_by(visit.user).prefetch_related("texts")
    marks = {name: request.GET.get(name, "") for name in ("before", "after")}
    page = newest_first(found, "created_at", **marks)
    context = {"visit": visit, "company": visit.company, "section": "terms", "page": page}
    context["rows"] = [(row, row.text_for(_language())) for row in page.rows]
    context["contract"] = figures_of_terms(Terms.of(visit.company))
    context["prices"] = _prices_in_force(visit)
    return render(request, "portal/terms.html", context)


def _prices_in_force(visit: Visit) -> dict[str, str]:
    versions = TariffVersion.objects.filter(tariff__client=visit.company, valid_from__lte=clock.now())
    version = versions.order_by("-valid_from").first()
    return {} if version is None else figures_of(version, visit.company.currency)


@require_GET
@portal_page
def announcement(request: HttpRequest, visit: Visit, public_id: uuid.UUID) -> HttpResponse:
    """One announcement as it was sent, of any company that they own, and which owners have confirmed it."""
    mine = Announcement.objects.visible_to(visit.user).select_related("client")
    shown = get_object_or_404(mine.confirmed_by(visit.user), public_id=public_id)
    if shown.client != visit.company:
        return open_in(request, visit, shown.client)
    context = {"visit": visit, "company": visit.company, "section": "terms", "announcement": shown}
    context["text"] = shown.text_for(_language())
    context["confirmed"] = shown.acknowledgements.select_related("user").order_by("acknowledged_at", "pk")
    return render(request, "portal/announcement.html", context)


@require_POST
@portal_page
def confirm(request: HttpRequest, visit: Visit, public_id: uuid.UUID) -> HttpResponse:
    """This owner has read the words that the page has shown."""
    shown = get_object_or_404(Announcement.objects.visible_to(visit.user), public_id=public_id)
    try:
        acknowledge(shown, user=visit.user, digest=request.POST.get("text", ""))
    except TextUnknown:
        messages.error(request, _("Nothing was noted. Read the text on this page, then confirm it here."))
    else:
        messages.success(request, _("Thank you. We have noted that you have read it."))
    return redirect("portal:announcement", public_id)


def _language() -> str:
    return (get_language() or "en").split("-")[0]
