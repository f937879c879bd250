from dataclasses import asdict

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from answering.accounts.models import Agent
from answering.console.access import command
from answering.console.telephone import voice_tokens
from answering.twilio.tokens import identity_of


@never_cache
@command
def voice_token(request: HttpRequest, agent: Agent) -> HttpResponse:
    """What makes this page a telephone of this agent's, and of nobody else's."""
    identity = identity_of(agent.user.public_id)
    if request.POST.get("identity", identity) != identity:
        raise Http404
    tokens = voice_tokens(agent)
    if not tokens:
        message = _("No calls from telephone numbers can come to you yet. Tell your administrator.")
        return JsonResponse({"error": message, "reason": "NoTelephone"}, status=409)
    return JsonResponse({"tokens": [asdict(token) for token in tokens]})
