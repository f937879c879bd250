import sys
from http import HTTPStatus

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.defaults import server_error
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from answering.pulse.health import check_health
from answering.pulse.metrics import exposition

RETRY_SECONDS = "2"


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """What each part of the service is like; 503 when one of them is not well."""
    findings = check_health()
    is_ready = all(finding.is_ok for finding in findings.values())
    parts = {name: {"ok": finding.is_ok, "detail": finding.detail} for name, finding in findings.items()}
    return JsonResponse(
        {"ready": is_ready, "parts": parts},
        status=HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE,
    )


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """For Prometheus; the proxy in front keeps it from the public."""
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def failed(request: HttpRequest) -> HttpResponse:
    """The page for whatever an exception has kept from being answered.

    While the database is away that is 503, not 500: our pages, and the proxy, then know that nothing is wrong
    with the request and that it is worth sending again.
    """
    response: HttpResponse = server_error(request)
    if isinstance(sys.exception(), (OperationalError, InterfaceError)):
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
        response["Retry-After"] = RETRY_SECONDS
    return response
