"""Twilio's webhooks: verified, parsed, handed on, answered. Nothing else is here."""

from functools import partial

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse

from answering.lib import clock
from answering.twilio.twiml import empty_twiml
from calls.carriers.twilio.budget import within_budget
from calls.carriers.twilio.facts import Malformed
from calls.carriers.twilio.gate import webhook
from calls.carriers.twilio.reception import answer_call
from calls.carriers.twilio.reports import take_in
from calls.carriers.twilio.spool import Report, keep

log = structlog.get_logger(__name__)


@webhook
def voice(request: HttpRequest) -> HttpResponse:
    """Somebody calls one of our numbers."""
    return _xml(answer_call(request.POST.dict(), clock.now()))


@webhook
def status(request: HttpRequest) -> HttpResponse:
    """How a leg stands: the caller's, or one that we have called for an agent, which its address names."""
    return _reported("status", request)


@webhook
def conference(request: HttpRequest) -> HttpResponse:
    """Who comes into a conference, and who leaves it."""
    return _reported("conference", request)


@webhook
def recording(request: HttpRequest) -> HttpResponse:
    """A recording can be fetched."""
    return _reported("recording", request)


@webhook
def message(request: HttpRequest) -> HttpResponse:
    """An SMS has arrived, or one of ours has got further."""
    answer = _reported("message", request)
    return _xml(empty_twiml()) if answer.status_code == 204 else answer


def _reported(kind: str, request: HttpRequest) -> HttpResponse:
    report = Report(kind, request.GET.dict() | request.POST.dict(), clock.now())
    try:
        within_budget(partial(take_in, report))
    except Malformed:
        log.warning("twilio.malformed", kind=kind)
        return HttpResponse(status=400)
    except (OperationalError, InterfaceError) as error:
        log.error("twilio.database_away", kind=kind, error=str(error).strip()[:200])
        return HttpResponse(status=204 if keep(report) else 503)
    return HttpResponse(status=204)


def _xml(document: str) -> HttpResponse:
    return HttpResponse(document, content_type="text/xml")
