"""One person under several numbers: found by name, merged field by field, separated again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from answering.accounts.models import User
from answering.accounts.templatetags.formats import moment, phone
from answering.desk.editing import CHANGED_MEANWHILE, render_form
from answering.desk.people.access import client_page, user_of
from answering.desk.people.caller_log import field_label
from calls.errors import CallError, ChangedSince
from calls.models import Caller, CallerChange, CallerChangeKind
from calls.services.caller_records import merge_callers, separate_callers
from clients.errors import ChangedMeanwhile
from clients.models import Client

MOST_MERGED = 8
GROUPS_SHOWN = 30
EVERY_NOTE = "all"
PAGE = {"section": "people", "tab": "callers"}


def _care(caller: Caller) -> str:
    until = moment(caller.care_until) if caller.care_until else ""
    return " · ".join(filter(None, (caller.care_reason, until)))


def _screening(caller: Caller) -> str:
    if caller.is_blocked:
        return _("never connect")
    return _("always connect") if caller.is_always_connected else _("like everybody")


@dataclass(frozen=True, slots=True)
class Part:
    """What is chosen together; `shown` is how people compare it, `is_always_said` where nothing is an answer too."""

    label: Any
    fields: tuple[str, ...]
    shown: Callable[[Caller], str]
    is_always_said: bool = False

    def distinct(self, callers: Mapping[str, Caller]) -> dict[str, str]:
        """What they have, each once, by the id of the first who has it."""
        found: dict[str, str] = {}
        for pk, caller in callers.items():
            text = self.shown(caller)
            if (text or self.is_always_said) and text not in found.values():
                found[pk] = text
        return found


PARTS: Mapping[str, Part] = MappingProxyType(
    {
        "name": Part(gettext_lazy("Name"), ("name",), lambda caller: caller.name),
        "language": Part(gettext_lazy("Language"), ("language",), lambda caller: str(caller.get_language_display())),
        "care": Part(gettext_lazy("Handle with care"), ("care_reason", "care_until"), _care),
        "screening": Part(gettext_lazy("Connecting"), ("is_blocked", "is_always_connected"), _screening, True),
        "note": Part(gettext_lazy("Note"), ("note",), lambda caller: caller.note),
    }
)


class MergeForm(forms.Form):
    """Who of several callers is kept, and what of them where they differ."""

    kept = forms.ChoiceField(label=gettext_lazy("Keep as the first number"), widget=forms.RadioSelect)

    def __init__(self, callers: Sequence[Caller], data: Any = None) -> None:
        super().__init__(data)
        self.callers = {str(caller.pk): caller for caller in callers}
        self._offer("kept", {pk: phone(caller.number) for pk, caller in self.callers.items()})
        for name, part in PARTS.items():
            choices = part.distinct(self.callers)
            if len(choices) > 1:
                self.fields[name] = forms.ChoiceField(label=part.label, widget=forms.RadioSelect)
                self._offer(name, choices | ({EVERY_NOTE: _("All of them")} if name == "note" else {}))
        for pk, caller in self.callers.items():
            revision = forms.IntegerField(widget=forms.HiddenInput, initial=caller.revision, required=False)
            self.fields[f"revision-{pk}"] = revision

    def _offer(self, name: str, choices: dict[str, str]) -> None:
        field = self.fields[name]
        field.choices, field.initial = list(choices.items()), next(iter(choices))  # type: ignore[attr-defined]

    @property
    def parts(self) -> list[forms.BoundField]:
        """What is to be chosen, because they differ in it."""
        return [self[name] for name in PARTS if name in self.fields]

    def merge(self, by: User) -> CallerChange:
        """Raises ChangedMeanwhile, CallError."""
        kept = self.callers[self.cleaned_data["kept"]]
        others = [caller for caller in self.callers.values() if caller != kept]
        seen = {caller.pk: self.cleaned_data[f"revision-{pk}"] or 0 for pk, caller in self.callers.items()}
        return merge_callers(kept, others, values=self._values(), seen=seen, by=by)

    def _values(self) -> dict[str, object]:
        """What was chosen; of what they do not differ in, the one thing that is there."""
        values: dict[str, object] = {}
        for name, part in PARTS.items():
            texts = part.distinct(self.callers)
            chosen = self.cleaned_data.get(name) or next(iter(texts), None)
            if chosen == EVERY_NOTE:
                values["note"] = "\n".join(texts.values())
            elif chosen is not None:
                values |= {field: getattr(self.callers[chosen], field) for field in part.fields}
        return values


@require_GET
@client_page
def duplicates(request: HttpRequest, client: Client) -> HttpResponse:
    """Callers of the same full name under several numbers, those of the latest first."""
    return render(request, "desk/people/duplicates.html", PAGE | {"client": client, "groups": _groups(client)})


def _groups(client: Client) -> list[list[Caller]]:
    """A given name alone is no sign: many are called so. Two queries."""
    people = client.callers.kept()
    same = people.filter(search_key__contains=" ").values("search_key").annotate(count=Count("pk"))
    keys = list(same.filter(count__gt=1).order_by("search_key").values_list("search_key", flat=True)[:GROUPS_SHOWN])
    groups: dict[str, list[Caller]] = {key: [] for key in keys}
    for caller in people.filter(search_key__in=keys).order_by("search_key", "pk"):
        groups[caller.search_key].append(caller)
    return [group[:MOST_MERGED] for group in groups.values()]


@require_http_methods(["GET", "POST"])
@client_page
def merge(request: HttpRequest, client: Client) -> HttpResponse:
    """Two callers or more become one with several numbers."""
    callers = list(_chosen(request, client.callers.kept()))
    if len(callers) < 2:
        messages.error(request, _("Choose two callers or more who are the same person."))
        return redirect("desk:callers", client.public_id)
    form = MergeForm(callers, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            change = form.merge(user_of(request))
        except ChangedMeanwhile:
            form.add_error(None, CHANGED_MEANWHILE)
        else:
            messages.success(request, _("Merged. It can be undone on this page."))
            return redirect("desk:caller", client.public_id, change.caller_id)
    context = {"client": client, "form": form, "callers": callers}
    return render_form(request, "desk/people/merge.html", PAGE | context)


def _chosen(request: HttpRequest, people: QuerySet[Caller]) -> QuerySet[Caller]:
    """Who is named in the address, at most so many as can be looked over."""
    ids = [int(each) for each in request.GET.getlist("caller")[:MOST_MERGED] if each.isdecimal() and len(each) < 19]
    return people.filter(pk__in=ids).order_by("pk")


@require_POST
@client_page
def separate(request: HttpRequest, client: Client, change_id: int) -> HttpResponse:
    """Undo a merge; what has been changed since is said first."""
    merges = CallerChange.objects.filter(caller__client=client, kind=CallerChangeKind.MERGED)
    change = get_object_or_404(merges.select_related("caller"), pk=change_id)
    try:
        separate_callers(change, by=user_of(request), leaves_changes="leave" in request.POST)
    except ChangedSince as refused:
        context = {"client": client, "change": change, "names": [field_label(name) for name in refused.fields]}
        return render(request, "desk/people/separate.html", PAGE | context, status=409)
    except CallError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Separated. Each number is on its own again."))
    return redirect("desk:caller", client.public_id, change.caller.kept_id)
