import uuid

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from answering.accounts.models import Agent
from answering.console.access import command, for_agent, own_call, says_errors
from answering.console.forms import OfferForm
from answering.console.views.answers import invalid
from calls.models import MediaExchange
from calls.services import offer_media


@command
def offer(request: HttpRequest, agent: Agent, call_id: uuid.UUID, generation: int) -> HttpResponse:
    call = own_call(agent, call_id)
    form = OfferForm(request.POST)
    if not form.is_valid():
        return invalid(form)
    offer_media(call, generation=generation, sdp=form.cleaned_data["sdp"])
    return HttpResponse(status=204)


@require_GET
@never_cache
@for_agent
@says_errors
def answer(request: HttpRequest, agent: Agent, call_id: uuid.UUID, generation: int) -> HttpResponse:
    """The caller's description for this generation; 204 until it is there."""
    call = own_call(agent, call_id)
    exchange = MediaExchange.objects.filter(call=call, generation=generation).first()
    if exchange is None:
        raise Http404
    return JsonResponse({"sdp": exchange.answer_sdp}) if exchange.answer_sdp else HttpResponse(status=204)
