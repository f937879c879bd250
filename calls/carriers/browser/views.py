import json
import uuid
from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from answering.accounts.models import Language
from answering.lib import clock
from answering.push.channels import call_channel
from answering.push.streams import stream_url
from calls import errors
from calls.carriers.browser import forms, tokens
from calls.carriers.browser.entry import Attempt, place_call
from calls.carriers.browser.facts import facts_of
from calls.carriers.browser.framing import let_frame
from calls.carriers.browser.gate import MEDIA_BODY, Refused, endpoint, read_body, valid
from calls.carriers.browser.limits import client_address
from calls.carriers.hours import hours_now, opening_text
from calls.models import Call, Party
from calls.services import (
    answer_media,
    caller_hung_up,
    identify_caller,
    note_heartbeat,
    note_leaving,
    renew_audio,
)
from calls.services.lines import find_line
from calls.states import WAITING_STATES
from clients.models import Line, Notice

RESERVED_SLUG = "calls"  # calls live below this address
NOTICES_SHOWN = 5
DETAILS_TIME = timedelta(hours=1)
LANGUAGES = [(code, translation.get_language_info(code)["name_local"]) for code in Language.values]


@require_safe
@never_cache
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """The public page of a line, in the caller's or else the line's language."""
    try:
        line = _line_of(slug)
    except errors.LineUnknown as error:
        raise Http404 from error
    language = _chosen_language(request) or line.language
    with translation.override(language):
        context = {
            "line": line,
            "client": line.client,
            "hours": hours_now(line),
            "notices": Notice.objects.running(clock.now()).on_line(line).public()[:NOTICES_SHOWN],
            "call_form": forms.DetailsForm(country=line.client.country, id_prefix="call"),
            "back_form": forms.CallBackForm(country=line.client.country, id_prefix="back"),
            "ice_servers_json": json.dumps(settings.ICE_SERVERS),
            "languages": LANGUAGES,
        }
        response = render(request, "phone/page.html", context)
    response["Content-Language"] = language
    let_frame(response, line)
    return response


def _line_of(slug: str) -> Line:
    if slug == RESERVED_SLUG:
        raise errors.LineUnknown
    return find_line(slug)


def _chosen_language(request: HttpRequest) -> str | None:
    """What the address says, else what this browser was once told; its list of languages is no choice."""
    asked = (request.GET.get("language"), request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME))
    return next((code for code in asked if code in Language.values), None)


@endpoint("POST")
def create(request: HttpRequest, slug: str) -> HttpResponse:
    """Make a call on this line; the same key again gives the same call and token."""
    line = _line_of(slug)
    fields = valid(forms.NewCallForm(read_body(request), country=line.client.country))
    attempt = Attempt(fields["key"], fields["name"], fields["number"], client_address(request))
    try:
        call, token = place_call(line, attempt)
    except errors.LineClosed as closed:
        raise Refused(409, "line_closed", opening_text(line, closed.opens_at)) from closed
    return JsonResponse({"token": token} | facts_of(call), status=201)


@endpoint("GET")
def state(request: HttpRequest, call: uuid.UUID) -> HttpResponse:
    """How the call stands."""
    return _facts(_own(request, call))


@endpoint("POST")
def heartbeat(request: HttpRequest, call: uuid.UUID) -> HttpResponse:
    """The page lives and has heard so many packets of this generation."""
    own = _own(request, call)
    fields = valid(forms.HeartbeatForm(read_body(request)))
    if fields["generation"] > own.generation:
        raise Refused(400, "invalid", _("This page is ahead of its call. Please reload it."))
    if not own.is_over:
        note_heartbeat(own, party=Party.CALLER, generation=fields["generation"], packets_received=fields["packets"])
    return _facts(_read_again(own))


@endpoint("GET")
def offer(request: HttpRequest, call: uuid.UUID, generation: int) -> HttpResponse:
    """The agent's description of the connection for this generation."""
    own = _own(request, call)
    exchange = own.media.filter(generation=generation).first()
    if exchange is None:
        raise Refused(404, "no_offer", _("There is nothing to connect to yet."))
    if own.is_over or generation != own.generation:
        raise errors.WrongState
    return JsonResponse({"generation": generation, "sdp": exchange.offer_sdp})


@endpoint("POST", body_limit=MEDIA_BODY)
def answer(request: HttpRequest, call: uuid.UUID, generation: int) -> HttpResponse:
    """The page's own description; the first one stands."""
    own = _own(request, call)
    fields = valid(forms.AnswerForm(read_body(request)))
    answer_media(own, generation=generation, sdp=fields["sdp"])
    return _facts(own)


@endpoint("POST")
def hang_up(request: HttpRequest, call: uuid.UUID) -> HttpResponse:
    """The caller has hung up, some time ago if the server could not be reached."""
    arrived_at = clock.now()
    own = _own(request, call)
    fields = valid(forms.HangUpForm(read_body(request)))
    ago = timedelta(milliseconds=fields["ago_ms"])
    caller_hung_up(own, key=fields["key"], ago=ago, reported_at=arrived_at)
    return _facts(_read_again(own))


@endpoint("POST")
def leaving(request: HttpRequest, call: uuid.UUID) -> HttpResponse:
    """The page is being closed or reloaded; sent as a beacon, which carries no header of ours."""
    fields = valid(forms.LeavingForm(read_body(request)))
    own = _spoken_for(call, fields["token"])
    if not own.is_over:
        note_leaving(own, party=Party.CALLER)
    return HttpResponse(status=204)


@endpoint("POST")
def rejoin(request: HttpRequest, call: uuid.UUID) -> HttpResponse:
    """The page was reloaded or lost its audio: a new generation, or the old place among those who wait."""
    own = _own(request, call)
    if not own.is_over and own.state not in WAITING_STATES:
        own = renew_audio(own.pk, party=Party.CALLER)
    if not own.is_over:
        note_heartbeat(own, party=Party.CALLER, generation=own.generation, packets_received=0)
    return _facts(_read_again(own))


@endpoint("POST")
def details(request: HttpRequest, call: uuid.UUID) -> HttpResponse:
    """Who calls, and where we reach them; up to an hour after the call."""
    own = _own(request, call)
    fields = valid(forms.CallBackForm(read_body(request), country=own.line.client.country))
    if own.ended_at is not None and clock.now() - own.ended_at > DETAILS_TIME:
        raise errors.CallGone
    identify_caller(own.pk, name=fields["name"], number=fields["number"])
    return _facts(_read_again(own))


@endpoint("POST")
def ticket(request: HttpRequest, call: uuid.UUID) -> HttpResponse:
    """The address of this call's own live stream."""
    own = _own(request, call)
    return JsonResponse({"url": stream_url([call_channel(own.public_id)])})


def _own(request: HttpRequest, public_id: uuid.UUID) -> Call:
    return _spoken_for(public_id, request.headers.get("X-Call-Token", ""))


def _spoken_for(public_id: uuid.UUID, token: str) -> Call:
    call = tokens.call_spoken_for(public_id, token)
    if call is None:
        raise Refused(404, "unknown_call", _("There is no such call."))
    return call


def _read_again(call: Call) -> Call:
    return Call.objects.select_related("line__client", "agent__user").get(pk=call.pk)


def _facts(call: Call) -> JsonResponse:
    return JsonResponse(facts_of(call))
