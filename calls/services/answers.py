"""Keep what the caller answers to the script, as it is given."""

from django.db import transaction
from django.db.models import Case, Value, When

from answering.accounts.models import Agent
from answering.lib import clock
from calls.errors import AnswerRefused, NotYourCall, StepUnknown
from calls.models import Call, ScriptAnswer
from calls.scripting import CallScript, call_script, way_of
from calls.states import EventKind
from clients.scripts import Act, AnswerInvalid, Ask, read_answer, show_answer
from clients.scripts.values import ANSWER_LIMIT

DONE = "done"


def save_answer(
    call: Call,
    *,
    agent: Agent,
    step_key: str,
    given: str,
    revision: int,
    caller_name: str = "",
    is_typing: bool = False,
) -> None:
    """Keep an answer, or that an action was done; "" skips a question that is not required.

    What is only being typed is kept as it is and decides nothing yet; beside an answer already given it is not kept.
    A late, older revision changes nothing.
    Raises NotYourCall, StepUnknown, AnswerRefused.
    """
    with transaction.atomic():
        _lock_for(call, agent)
        script = call_script(call, agent, caller_name, call.answers.all())
        step = script.definition.step(step_key) if script else None
        if script is None or not isinstance(step, Ask | Act):
            raise StepUnknown
        value = _typed(given) if is_typing else _read(step, given, call)
        before = script.answers.get(step_key)
        if before is not None and (before.revision >= revision or (is_typing and before.is_given)):
            return
        answer = before or ScriptAnswer(call=call, client_id=call.client_id, step_key=step.key)
        _fill(answer, script, step, value)
        answer.agent, answer.revision, answer.is_given = agent, revision, not is_typing
        answer.save()
        if answer.is_given:
            _mark_way(call, agent, [*script.answers.values(), answer])


def _lock_for(call: Call, agent: Agent) -> None:
    """Nobody else answers for this call until the transaction ends. Raises NotYourCall.

    It is for the agent who has the call, or, when nobody has it any more, for one who has had it.
    """
    current = Call.objects.select_for_update(of=("self",), no_key=True).get(pk=call.pk)
    if current.agent_id == agent.pk:
        return
    if current.agent_id is not None or not current.events.filter(kind=EventKind.CLAIMED, agent=agent).exists():
        raise NotYourCall


def _typed(given: str) -> str:
    return given.replace("\x00", "")[:ANSWER_LIMIT]


def _read(step: Ask | Act, given: str, call: Call) -> str:
    if isinstance(step, Act):
        return DONE
    try:
        return read_answer(step, given, region=call.client.country)
    except AnswerInvalid as error:
        raise AnswerRefused(str(error)) from error


def _fill(answer: ScriptAnswer, script: CallScript, step: Ask | Act, value: str) -> None:
    answer.position, answer.language = script.definition.steps.index(step), script.language
    answer.value, answer.answered_at = value, clock.now()
    if isinstance(step, Ask):
        answer.name, answer.question = step.name, script.plain_words(step.text)
        answer.shown = show_answer(step, value, script.language)


def _mark_way(call: Call, agent: Agent, answers: list[ScriptAnswer]) -> None:
    """Which answers count now: a changed one may have led away from others."""
    script = call_script(call, agent, "", answers)
    if script is not None:
        on_way = Case(When(step_key__in=way_of(script.run), then=Value(True)), default=Value(False))
        call.answers.update(is_on_way=on_way)
