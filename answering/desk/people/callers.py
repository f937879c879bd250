"""Pages of those who call a client: found by name and number, their flags, what was before."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from answering.desk.editing import RevisedForm, render_form, saves
from answering.desk.people.access import client_page
from answering.desk.people.listing import LONGEST_SEARCH, PAGE_SIZE
from answering.lib.text import search_key
from calls.models import Call, Caller
from clients.models import Client
from inquiries.models import Inquiry

HISTORY_LENGTH = 20


class CallerForm(RevisedForm):
    class Meta:
        model = Caller
        fields = ["name", "language", "note", "is_always_connected", "care_reason", "care_until", "is_blocked"]
        labels = {
            "name": gettext_lazy("Name"),
            "language": gettext_lazy("Language"),
            "note": gettext_lazy("Note"),
        }
        widgets = {
            "name": forms.TextInput({"autocomplete": "off"}),
            "note": forms.Textarea({"rows": 3, "data-autosize": True}),
            "care_until": forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        }


@require_GET
@client_page
def callers(request: HttpRequest, client: Client) -> HttpResponse:
    """Who calls this client, those first known last first."""
    asked = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    found = _matching(client.callers.all(), asked)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < LONGEST_SEARCH // 4:
        found = found.filter(pk__lt=int(before))
    rows = list(found.order_by("-pk")[: PAGE_SIZE + 1])
    more = rows[PAGE_SIZE - 1].pk if len(rows) > PAGE_SIZE else None
    context = {"client": client, "callers": rows[:PAGE_SIZE], "asked": asked, "more": more}
    return render(request, "desk/people/callers.html", context | {"section": "people", "tab": "callers"})


@require_http_methods(["GET", "POST"])
@client_page
def caller(request: HttpRequest, client: Client, caller_id: int) -> HttpResponse:
    """One caller of this client: what agents should know, and what was before."""
    found = get_object_or_404(Caller, client=client, pk=caller_id)
    form = CallerForm(request.POST or None, instance=found)
    if request.method == "POST" and saves(form):
        messages.success(request, _("Saved."))
        return redirect("desk:callers", client.public_id)
    requests = Inquiry.objects.filter(client=client, call__caller=caller_id).select_related("contact")
    calls = Call.objects.filter(client=client, caller=caller_id).select_related("line", "agent__user")
    context: dict[str, Any] = {
        "client": client,
        "caller": found,
        "form": form,
        "calls": calls.order_by("-started_at", "-pk")[:HISTORY_LENGTH],
        "requests": requests.order_by("-received_at", "-pk")[:HISTORY_LENGTH],
    }
    return render_form(request, "desk/people/caller.html", context | {"section": "people", "tab": "callers"})


def _matching(found: QuerySet[Caller], asked: str) -> QuerySet[Caller]:
    """Digits look in numbers, anything else in names."""
    digits = "".join(sign for sign in asked if sign.isdigit())
    if not asked:
        return found
    if digits and not any(sign.isalpha() for sign in asked):
        return found.filter(number__contains=digits)
    return found.filter(Q(search_key__contains=search_key(asked)))
