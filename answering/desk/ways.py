"""The agreed ways of working with VIP clients: whose review is due, what is agreed, what was before."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import wraps
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from answering.accounts.models import Agent, User
from answering.desk.editing import render_form, saves
from clients.errors import ChangedMeanwhile, NotVip
from clients.models import Client, WayOfWorking
from clients.models.ways import WAY_TEXTS
from clients.services.ways import agree_on_way

REVIEWED_AFTER = timedelta(weeks=26)
VERSIONS_SHOWN = 20
RELATED = ("written_by", "reviewer__user", "client")
View = Callable[..., HttpResponse]


def way_page(view: View) -> View:
    """Let supervisors, administrators and who looks after a VIP client in; anybody else finds nothing here (404)."""

    @wraps(view)
    def page(request: HttpRequest, /, *args: Any, **kwargs: Any) -> HttpResponse:
        user = request.user
        if not isinstance(user, User) or not (user.is_supervisor or _clients_of(user).exists()):
            raise Http404
        with timezone.override(ZoneInfo(user.time_zone)):
            return view(request, user, *args, **kwargs)

    return cast("View", login_required(page))


def _clients_of(user: User) -> QuerySet[Client]:
    """VIP clients whose way of working this user sees and writes."""
    clients = Client.objects.vip()
    return clients if user.is_supervisor else clients.looked_after_by(user)


@dataclass(frozen=True, slots=True)
class Review:
    """A VIP client with what is agreed, if anything is, and whether its review should have been."""

    client: Client
    way: WayOfWorking | None
    is_overdue: bool


def reviews_of(clients: QuerySet[Client]) -> list[Review]:
    """Whose review is overdue first, then those without an agreement, then by the day of the review. Two queries."""
    found = list(clients.select_related("consultant__user", "substitute__user").order_by("sort_key", "pk"))
    ways = WayOfWorking.objects.filter(client__in=found).in_force().select_related("reviewer__user")
    by_client = {way.client_id: way for way in ways}
    reviews = [_review(client, by_client.get(client.pk)) for client in found]
    return sorted(reviews, key=lambda each: (not each.is_overdue, each.way.review_on if each.way else date.min))


def _review(client: Client, way: WayOfWorking | None) -> Review:
    return Review(client, way, is_overdue=way is not None and way.is_overdue(_today_of(client)))


def _today_of(client: Client) -> date:
    return timezone.localdate(timezone=ZoneInfo(client.time_zone))


class WayForm(forms.ModelForm):  # type: ignore[type-arg]
    """The next version, written from the one in force; `seen` is that one's number."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 2)

    class Meta:
        model = WayOfWorking
        fields = [*WAY_TEXTS, "agreed_by", "agreed_on", "reviewer", "review_on"]
        widgets = {name: forms.Textarea({"rows": 2, "data-autosize": True}) for name in WAY_TEXTS} | {
            "agreed_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "review_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        }
        help_texts = {
            "greeting": gettext_lazy("How they wish to be announced. Agents see it with the incoming call."),
            "escalation": gettext_lazy("Who is called, in which order, and when not."),
        }

    def __init__(self, client: Client, current: WayOfWorking | None, data: Any, *, by: User) -> None:
        today = _today_of(client)
        initial: dict[str, Any] = {name: getattr(current, name) for name in WAY_TEXTS} if current else {}
        initial |= {"agreed_by": current.agreed_by if current else "", "seen": current.number if current else 0}
        reviewer = current.reviewer_id if current else client.consultant_id
        initial |= {"agreed_on": today, "review_on": today + REVIEWED_AFTER, "reviewer": reviewer}
        super().__init__(data, instance=WayOfWorking(client=client), initial=initial)
        self._today, self._by = today, by
        agents = Agent.objects.filter(user__is_active=True).select_related("user").order_by("user__sort_key", "pk")
        self.fields["reviewer"].queryset = agents  # type: ignore[attr-defined]

    def clean_agreed_on(self) -> date:
        agreed_on: date = self.cleaned_data["agreed_on"]
        if agreed_on > self._today:
            raise forms.ValidationError(_("This day is still to come."))
        return agreed_on

    def clean_review_on(self) -> date:
        review_on: date = self.cleaned_data["review_on"]
        if review_on <= self._today:
            raise forms.ValidationError(_("Choose a day to come."))
        return review_on

    def save(self, commit: bool = True) -> WayOfWorking:
        """Raises ChangedMeanwhile; a client who is no VIP any more has changed too."""
        try:
            return agree_on_way(self.instance, seen=self.cleaned_data["seen"], by=self._by)
        except NotVip:
            raise ChangedMeanwhile from None


@require_GET
@way_page
def ways(request: HttpRequest, user: User) -> HttpResponse:
    """VIP clients whose ways of working one looks after; supervisors see all."""
    return render(request, "desk/ways.html", {"section": "ways", "reviews": reviews_of(_clients_of(user))})


@require_http_methods(["GET", "POST"])
@way_page
def way(request: HttpRequest, user: User, public_id: uuid.UUID) -> HttpResponse:
    """What is agreed with one client, its next version, and what was agreed before."""
    client = get_object_or_404(_clients_of(user), public_id=public_id)
    with timezone.override(ZoneInfo(client.time_zone)):
        versions = list(client.ways.select_related(*RELATED).order_by("-number")[: VERSIONS_SHOWN + 1])
        form = WayForm(client, versions[0] if versions else None, request.POST or None, by=user)
        if request.method == "POST" and saves(form):
            messages.success(request, _("Saved. Agents see it at once."))
            return redirect("desk:way", client.public_id)
        context = {"section": "ways", "tab": "way", "client": client, "form": form, "earlier": versions[1:]}
        context["review"] = _review(client, versions[0] if versions else None)
        return render_form(request, "desk/way.html", context)
