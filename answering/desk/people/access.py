"""Whose people these pages are about: one client company, in its own time."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone

from answering.accounts.models import User
from answering.desk.access import desk_page
from clients.models import Client

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, Client, P], HttpResponseBase]


def client_page(view: View[P]) -> Callable[..., HttpResponseBase]:
    """A desk page of a client company that is still ours, named by `client_id`; times are the client's."""

    def page(request: HttpRequest, /, client_id: uuid.UUID, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        client = get_object_or_404(Client.objects.select_related("calendar"), public_id=client_id, closed_at=None)
        with timezone.override(ZoneInfo(client.time_zone)):
            return view(request, client, *args, **kwargs)

    return desk_page(wraps(view)(page))


def user_of(request: HttpRequest) -> User:
    """Who is signed in to this desk page."""
    assert isinstance(request.user, User)  # noqa: S101 - the page lets nobody else in
    return request.user
