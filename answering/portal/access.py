"""Whose portal this is: the company of the request, in the company's own time."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from answering.accounts.models import User
from clients.models import Client, Membership

P = ParamSpec("P")
CHOSEN = "portal_company"


@dataclass(frozen=True, slots=True)
class Visit:
    """A member in their company's portal."""

    user: User
    membership: Membership
    memberships: tuple[Membership, ...]

    @property
    def company(self) -> Client:
        return self.membership.client


View = Callable[Concatenate[HttpRequest, Visit, P], HttpResponse]
Page = Callable[Concatenate[HttpRequest, P], HttpResponse]


def portal_page(view: View[P]) -> Page[P]:
    """Let members in, with their `Visit`; anybody else signed in finds nothing here (404)."""

    def page(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        visit = visit_of(request)
        with timezone.override(ZoneInfo(visit.company.time_zone)):
            return view(request, visit, *args, **kwargs)

    return cast("Page[P]", login_required(wraps(view)(page)))


def owner_page(view: View[P]) -> Page[P]:
    """Let owners of the company in, with their `Visit`; anybody else signed in finds nothing here (404)."""

    def page(request: HttpRequest, visit: Visit, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not visit.membership.is_owner:
            raise Http404
        return view(request, visit, *args, **kwargs)

    return portal_page(cast("View[P]", wraps(view)(page)))


def visit_of(request: HttpRequest) -> Visit:
    """The chosen company of this user, else their first by name; Http404 without any."""
    user = request.user
    if not isinstance(user, User):
        raise Http404
    memberships = tuple(
        Membership.objects.of(user).select_related("client__calendar").order_by("client__sort_key", "client_id")
    )
    if not memberships:
        raise Http404
    chosen = request.session.get(CHOSEN)
    found = next((each for each in memberships if str(each.client.public_id) == chosen), memberships[0])
    return Visit(user, found, memberships)


def choose_company(request: HttpRequest, visit: Visit, company: uuid.UUID) -> None:
    """Remember which of their companies this user looks at; Http404 for one that is not theirs."""
    if all(each.client.public_id != company for each in visit.memberships):
        raise Http404
    request.session[CHOSEN] = str(company)


def open_in(request: HttpRequest, visit: Visit, company: Client) -> HttpResponse:
    """The same address in another company of theirs, as a letter links it; Http404 for one that is not theirs."""
    choose_company(request, visit, company.public_id)
    return redirect(request.get_full_path())
