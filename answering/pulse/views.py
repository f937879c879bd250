from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from answering.pulse.health import check_health
from answering.pulse.metrics import exposition


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
