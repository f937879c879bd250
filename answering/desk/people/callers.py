"""Pages of those who call a client: found by name and number, their flags, what was before."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from answering.accounts.models import User
from answering.desk.editing import RevisedForm, render_form, saves
from answering.desk.people.access import client_page, user_of
from answering.desk.people.caller_log import changes_of
from answering.desk.people.listing import LONGEST_SEARCH, PAGE_SIZE
from calls.models import Call, Caller
from calls.querysets import CallerQuerySet
from calls.services.caller_records import save_caller
from clients.models import Client
from inquiries.models import Inquiry

HISTORY_LENGTH = 20
NAMESAKES_SHOWN = 7


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

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._by = by

    def save(self, commit: bool = True) -> Any:
        """Store what was changed, and who changed it; raises ChangedMeanwhile."""
        if commit:
            save_caller(self.instance, seen=self.seen, by=self._by)
        return self.instance


@require_GET
@client_page
def callers(request: HttpRequest, client: Client) -> HttpResponse:
    """Who calls this client, those first known last first."""
    asked = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    found = _matching(client.callers.kept(), asked).prefetch_related("merged")
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
    found = get_object_or_404(Caller.objects.select_related("merged_into"), client=client, pk=caller_id)
    if found.merged_into_id:
        return redirect("desk:caller", client.public_id, found.merged_into_id)
    form = CallerForm(request.POST or None, instance=found, by=user_of(request))
    if request.method == "POST" and saves(form):
        messages.success(request, _("Saved."))
        return redirect("desk:callers", client.public_id)
    numbers = Caller.objects.numbers_of(found.pk)
    calls = Call.objects.of_caller(numbers).select_related("line", "agent__user")
    context: dict[str, Any] = {
        "client": client,
        "caller": found,
        "numbers": numbers.order_by("pk"),
        "form": form,
        "calls": calls.order_by("-started_at", "-pk")[:HISTORY_LENGTH],
        "requests": Inquiry.objects.of_caller(numbers).select_related("contact")[:HISTORY_LENGTH],
        "changes": changes_of(found),
        "namesakes": _namesakes(found),
    }
    return render_form(request, "desk/people/caller.html", context | {"section": "people", "tab": "callers"})


def _namesakes(caller: Caller) -> list[Caller]:
    """Who might be the same person: callers of this client of the same full name."""
    if " " not in caller.search_key:
        return []
    same = Caller.objects.kept().filter(client=caller.client_id, search_key=caller.search_key)
    return list(same.exclude(pk=caller.pk).order_by("pk")[:NAMESAKES_SHOWN])


def _matching(found: CallerQuerySet, asked: str) -> CallerQuerySet:
    """Digits look in numbers, anything else in names."""
    digits = "".join(sign for sign in asked if sign.isdigit())
    if not asked:
        return found
    if digits and not any(sign.isalpha() for sign in asked):
        merged = Caller.objects.filter(number__contains=digits).exclude(merged_into=None).values("merged_into")
        return found.filter(Q(number__contains=digits) | Q(pk__in=merged))
    return found.named(asked)
