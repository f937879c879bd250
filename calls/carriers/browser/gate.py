"""What every request of a caller's page passes before a view sees it, and how a refusal is said."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from answering.accounts.models import Language
from calls import errors

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

SMALL_BODY = 8 * 1024
MEDIA_BODY = 64 * 1024
RETRY_SECONDS = "60"

STATUS_OF: dict[type[errors.CallError], int] = {
    errors.LineUnknown: 404,
    errors.LineClosed: 409,
    errors.LineBusy: 429,  # our decision, not our failure: a flood must not look like an outage
    errors.TooManyCalls: 429,
    errors.CallGone: 409,
    errors.WrongState: 409,
}


class Refused(Exception):
    """The request changes nothing and is answered with this."""

    def __init__(
        self, status: int, code: str, message: str | Promise, fields: dict[str, list[str]] | None = None
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.message, self.fields = status, code, message, fields

    def as_response(self) -> JsonResponse:
        """In the language that is active now."""
        body: dict[str, Any] = {"error": self.code, "message": str(self.message)}
        return JsonResponse(body | ({"fields": self.fields} if self.fields else {}), status=self.status)


def endpoint(method: str, *, body_limit: int = SMALL_BODY) -> Callable[[View[P]], View[P]]:
    """Answer this method only, from our own pages only, with bodies up to a limit, in the page's language.

    No cookie has a say here, therefore no CSRF token: the call's token is what permits.
    """

    def decorate(view: View[P]) -> View[P]:
        @csrf_exempt
        @never_cache
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method != method:
                return HttpResponseNotAllowed([method])
            with translation.override(page_language(request)):
                try:
                    check_origin(request)
                    check_size(request, body_limit)
                    return view(request, *args, **kwargs)
                except Refused as refusal:
                    return refusal.as_response()
                except errors.CallError as error:
                    return _said(error)

        return guarded

    return decorate


def _said(error: errors.CallError) -> JsonResponse:
    status = STATUS_OF.get(type(error), 409)
    response = JsonResponse({"error": _code(error), "message": str(error)}, status=status)
    if status == 429:
        response["Retry-After"] = RETRY_SECONDS
    return response


def _code(error: errors.CallError) -> str:
    """LineBusy is line_busy."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in type(error).__name__).lstrip("_")


def page_language(request: HttpRequest) -> str:
    """Our pages name the language they are shown in; a browser's own list of languages is not such a name."""
    named = request.headers.get("Accept-Language", "")
    return named if named in Language.values else translation.get_language() or settings.LANGUAGE_CODE


def check_origin(request: HttpRequest) -> None:
    """Raise Refused for requests that a page of another site makes (Fetch Metadata; RFC 6454 for older browsers)."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin")
    if site in ("same-origin", "none") and (origin is None or origin in _own_origins(request)):
        return
    raise Refused(403, "foreign_page", _("Only this service's own page can call from here."))


def _own_origins(request: HttpRequest) -> set[str]:
    public = urlsplit(settings.PUBLIC_URL)
    return {f"{public.scheme}://{public.netloc}", f"{request.scheme}://{request.get_host()}"}


def check_size(request: HttpRequest, limit: int) -> None:
    """Raise Refused before a body that is too large is read."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > limit:
        raise Refused(413, "too_large", _("That is too much at once. Nothing was changed."))


def read_body(request: HttpRequest) -> dict[str, Any]:
    """The JSON object that was sent; raises Refused for anything else."""
    try:
        data = json.loads(request.body)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise Refused(400, "not_json", _("What the page sent cannot be read. Please reload it."))
    return data


def valid(form: forms.Form) -> dict[str, Any]:
    """The cleaned values; raises Refused with what is wrong with which field."""
    if form.is_valid():
        return form.cleaned_data
    fields = {name: [str(error) for error in found] for name, found in form.errors.items()}
    first = next(iter(fields.values()))[0]
    raise Refused(400, "invalid", first, fields)
