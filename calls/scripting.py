"""A call on its script: the facts that the script may ask about, and the words that are filled in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from answering.accounts.models import Agent
from answering.lib.worktime import WorkTimeError
from calls.models import Call, ScriptAnswer
from clients.merge import MergePart, merge, merged_text
from clients.models import Situation
from clients.scripts import Act, Ask, Facts, Run, ScriptDefinition, in_language, run_script
from clients.scripts.definition import Texts

OPEN = (Situation.IN_HOURS, Situation.NOTICE)


@dataclass(frozen=True, slots=True)
class CallScript:
    """The version that a call runs on, with what has been answered, in the language of its line."""

    definition: ScriptDefinition
    language: str
    answers: Mapping[str, ScriptAnswer]
    run: Run
    values: Mapping[str, str]

    def words(self, texts: Texts) -> tuple[MergePart, ...]:
        """A text in the line's language, filled in."""
        return merge(in_language(texts, self.language), self.values)

    def plain_words(self, texts: Texts) -> str:
        return merged_text(in_language(texts, self.language), self.values)


def facts_of(call: Call) -> Facts:
    """What scripts may ask about this call; as it was when the call began, so that its way does not turn under it.

    Known is a caller who had called this client before.
    """
    number = call.caller
    caller = number.kept if number is not None else None
    return Facts(
        language=call.line.language,
        is_open=call.situation in OPEN if call.situation else _was_open(call),
        is_known=number is not None and min(number.created_at, number.kept.created_at) < call.started_at,
        caller_language=caller.language if caller else "",
        is_holiday=call.situation == Situation.HOLIDAY,
        has_notice=call.has_notice,
    )


def _was_open(call: Call) -> bool:
    """Of a call from before calls kept their situation."""
    try:
        return call.line.calendar.work_calendar().is_open(call.started_at)
    except WorkTimeError:
        return False


def call_script(
    call: Call, agent: Agent, caller_name: str, answers: Iterable[ScriptAnswer], notice: str = ""
) -> CallScript | None:
    """Where the call stands in its script; no query. None for a call that began without one."""
    if call.script_version is None:
        return None
    return call_script_with(call.script_version.read(), facts_of(call), call, agent, caller_name, answers, notice)


def call_script_with(
    definition: ScriptDefinition,
    facts: Facts,
    call: Call,
    agent: Agent,
    caller_name: str,
    answers: Iterable[ScriptAnswer],
    notice: str = "",
) -> CallScript:
    """The same for a script and facts that may be tried out only."""
    kept = {answer.step_key: answer for answer in answers}
    given = {key: answer.value for key, answer in kept.items() if answer.is_given}
    run = run_script(definition, given, facts)
    values = _values(call, agent, caller_name, definition, kept) | {"notice": notice}
    return CallScript(definition, call.line.language, kept, run, values)


def _values(
    call: Call, agent: Agent, caller_name: str, definition: ScriptDefinition, kept: Mapping[str, ScriptAnswer]
) -> dict[str, str]:
    answered = {f"answer.{ask.key}": kept[ask.key].shown if ask.key in kept else "" for ask in definition.asks()}
    return answered | {
        "client.name": call.client.name,
        "line.name": call.line.name,
        "agent.name": agent.user.given_name,
        "caller.name": caller_name,
    }


def way_of(run: Run) -> frozenset[str]:
    """The keys of what is done on the way, with the step that is to be done now."""
    steps: tuple[Ask | Act, ...] = run.done if run.current is None else (*run.done, run.current)
    return frozenset(step.key for step in steps)
