"""The script of a past call, gone through with what its caller said."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from answering.accounts.models import Agent
from answering.lib.text import search_key
from calls.models import Call, ScriptAnswer
from calls.scripting import CallScript, call_script_with, facts_of
from clients.scripts import Act, Ask, ScriptDefinition, read_answer, show_answer

BETWEEN = timedelta(seconds=8)
DONE = "done"


def script_answers(
    call: Call, agent: Agent, definition: ScriptDefinition, said: Mapping[str, str]
) -> Iterator[ScriptAnswer]:
    """The rows of one call, not saved: each question that comes up is answered, or skipped if nothing was said."""
    kept: list[ScriptAnswer] = []
    facts = facts_of(call)
    while True:
        script = call_script_with(definition, facts, call, agent, call.caller_name, kept)
        step = script.run.current
        if step is None or script.run.is_at_end or (_must_be_answered(step) and step.key not in said):
            return
        answer = _answer(call, script, step, said.get(step.key, ""), len(kept))
        kept.append(answer)
        yield answer


def _must_be_answered(step: Ask | Act) -> bool:
    return isinstance(step, Ask) and step.is_required


def _answer(call: Call, script: CallScript, step: Ask | Act, said: str, place: int) -> ScriptAnswer:
    value = read_answer(step, said, region=call.client.country) if isinstance(step, Ask) else DONE
    answer = ScriptAnswer(call=call, client_id=call.client_id, step_key=step.key, agent_id=call.agent_id)
    answer.position, answer.language = script.definition.steps.index(step), script.language
    answer.value, answer.revision = value, place + 1
    answer.answered_at = (call.answered_at or call.started_at) + (place + 1) * BETWEEN
    if isinstance(step, Ask):
        answer.name, answer.question = step.name, script.plain_words(step.text)
        answer.shown = show_answer(step, value, script.language)
    answer.search_key = search_key(answer.shown)
    return answer
