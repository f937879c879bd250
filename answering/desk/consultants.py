"""The consultants, whose clients are whose, and handing them over."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from answering.accounts.models import Agent
from answering.desk.access import setup_page
from answering.desk.editing import CHANGED_MEANWHILE, render_form
from answering.desk.ways import Review, reviews_of
from clients.errors import ChangedMeanwhile
from clients.models import Client
from clients.services.consultants import reassign_clients


class HandOverForm(forms.Form):
    """Which clients of one consultant go to whom."""

    clients = forms.ModelMultipleChoiceField(
        Client.objects.none(),
        label=_("Clients"),
        to_field_name="public_id",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick the clients to hand over.")},
    )
    taker = forms.ModelChoiceField(Agent.objects.none(), label=_("Hand over to"))

    def __init__(self, giver: Agent, data: Any = None) -> None:
        super().__init__(data, auto_id=f"id_{giver.pk}_%s")
        clients, taker = self.fields["clients"], self.fields["taker"]
        assert isinstance(clients, forms.ModelMultipleChoiceField)  # noqa: S101 - declared above
        assert isinstance(taker, forms.ModelChoiceField)  # noqa: S101 - declared above
        clients.queryset = Client.objects.filter(closed_at=None, consultant=giver).order_by("sort_key", "pk")
        others = Agent.objects.at_work().exclude(pk=giver.pk)
        taker.queryset = others.select_related("user").order_by("user__sort_key", "pk")


@dataclass(frozen=True, slots=True)
class Portfolio:
    """A consultant, their clients, what is agreed with the VIP ones, and the form that hands them over."""

    consultant: Agent
    clients: list[Client]
    form: HandOverForm
    reviews: list[Review]

    @property
    def overdue(self) -> list[Review]:
        return [review for review in self.reviews if review.is_overdue]

    @property
    def without_way(self) -> list[Review]:
        """VIP clients with whom nothing has been agreed yet."""
        return [review for review in self.reviews if review.way is None]

    @property
    def ticked(self) -> list[str]:
        """Public ids of what was ticked in a form that came back."""
        return [str(each) for each in self.form["clients"].value() or ()]


@require_http_methods(["GET", "POST"])
@setup_page
def consultants(request: HttpRequest) -> HttpResponse:
    """Every consultant with clients and substitutes; a form on each hands clients over."""
    bound: HandOverForm | None = None
    giver: Agent | None = None
    if request.method == "POST":
        giver_id = request.POST.get("giver", "")
        giver = get_object_or_404(Agent, pk=int(giver_id) if giver_id.isdecimal() and len(giver_id) < 10 else 0)
        bound = HandOverForm(giver, request.POST)
        if bound.is_valid() and _handed_over(request, giver, bound):
            return redirect("desk:consultants")
    context = {"section": "consultants", "portfolios": _portfolios(giver, bound)}
    return render_form(request, "desk/consultants.html", context)


def _handed_over(request: HttpRequest, giver: Agent, form: HandOverForm) -> bool:
    taker, clients = form.cleaned_data["taker"], form.cleaned_data["clients"]
    try:
        count = reassign_clients([client.pk for client in clients], giver=giver, taker=taker)
    except ChangedMeanwhile:
        form.add_error(None, CHANGED_MEANWHILE)
        return False
    said = ngettext("%(counter)d client is %(name)s's now.", "%(counter)d clients are %(name)s's now.", count)
    messages.success(request, said % {"counter": count, "name": str(taker)})
    return True


def _portfolios(giver: Agent | None, bound: HandOverForm | None) -> list[Portfolio]:
    related = ("consultant__user", "substitute__user")
    found = Client.objects.filter(closed_at=None).exclude(consultant=None).select_related(*related)
    by_consultant: defaultdict[Agent, list[Client]] = defaultdict(list)
    for client in found.order_by("consultant__user__sort_key", "consultant", "sort_key", "pk"):
        if client.consultant is not None:
            by_consultant[client.consultant].append(client)
    reviews: defaultdict[int | None, list[Review]] = defaultdict(list)
    for review in reviews_of(Client.objects.vip()):
        reviews[review.client.consultant_id].append(review)
    return [
        Portfolio(agent, clients, bound if bound and agent == giver else HandOverForm(agent), reviews[agent.pk])
        for agent, clients in by_consultant.items()
    ]
