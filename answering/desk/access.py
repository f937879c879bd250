from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from answering.accounts.models import User

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def desk_page(view: View[P]) -> View[P]:
    """Let supervisors and administrators in, in their own zone; anybody else finds nothing here (404)."""
    return _page_for(lambda user: user.is_supervisor, view)


def setup_page(view: View[P]) -> View[P]:
    """Let administrators in, in their own zone; anybody else finds nothing here (404)."""
    return _page_for(lambda user: user.is_administrator, view)


def _page_for(may_enter: Callable[[User], bool], view: View[P]) -> View[P]:
    def page(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        user = request.user
        if not isinstance(user, User) or not may_enter(user):
            raise Http404
        with timezone.override(ZoneInfo(user.time_zone)):
            return view(request, *args, **kwargs)

    return cast("View[P]", login_required(wraps(view)(page)))
