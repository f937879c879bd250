import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from answering.accounts.models import Agent
from answering.console.access import command, for_agent, reachable_calls
from answering.console.forms import StepForm
from answering.console.stage import running_notices, spoken_notices
from answering.console.views.answers import invalid
from calls.errors import AnswerRefused
from calls.models import Call
from calls.script_panel import read_panel
from calls.services import save_answer
from clients.models import FaqEntry

LONGEST_QUESTION, ENTRIES_SHOWN = 100, 6
SHOWN = ("line__calendar", "client", "script_version", "caller__merged_into")


@command
def answer_step(request: HttpRequest, agent: Agent, call_id: uuid.UUID) -> HttpResponse:
    """Keep an answer and show the step that it leads to; 422 with a sentence beside an answer that does not fit.

    What is only being typed is kept without an answer to show (204).
    """
    call = get_object_or_404(reachable_calls(agent).select_related(*SHOWN), public_id=call_id)
    form = StepForm(request.POST)
    if not form.is_valid():
        return invalid(form)
    fields = form.cleaned_data
    try:
        save_answer(
            call,
            agent=agent,
            step_key=fields["step"],
            given=fields["answer"],
            revision=fields["revision"],
            caller_name=fields["caller_name"],
            is_typing=fields["is_typing"],
        )
    except AnswerRefused as error:
        return _panel(request, call, agent, fields, error=str(error), status=422)
    return HttpResponse(status=204) if fields["is_typing"] else _panel(request, call, agent, fields)


@require_GET
@never_cache
@for_agent
def faq(request: HttpRequest, agent: Agent, call_id: uuid.UUID) -> HttpResponse:
    """What the client answers to such a question, the best first."""
    call = get_object_or_404(reachable_calls(agent).select_related("line"), public_id=call_id)
    text = request.GET.get("q", "")[:LONGEST_QUESTION]
    entries = FaqEntry.objects.filter(client_id=call.client_id)
    found = entries.best_for(text, call.line.language)[:ENTRIES_SHOWN] if text.strip() else []
    return render(request, "console/_faq_found.html", {"found": found, "text": text.strip()})


def _panel(
    request: HttpRequest, call: Call, agent: Agent, fields: dict[str, str], error: str = "", status: int = 200
) -> HttpResponse:
    wrong = {"wrong_step": fields["step"], "typed": fields["answer"], "error": error} if error else {}
    notice = spoken_notices(running_notices(call))
    panel = read_panel(call, agent, fields["caller_name"], url=request.path, notice=notice, **wrong)
    return render(request, "console/_script.html", {"panel": panel}, status=status)
