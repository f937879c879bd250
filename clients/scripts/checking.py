"""What is wrong with a script, before it is published."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from clients.merge import fields_of
from clients.scripts.actions import action_named
from clients.scripts.definition import (
    FACT_VALUES,
    Act,
    AnswerType,
    Ask,
    Branch,
    Comparison,
    Condition,
    ScriptDefinition,
    Step,
    Subject,
    Texts,
    leads_of,
)

MERGE_FIELDS = ("client.name", "line.name", "agent.name", "caller.name", "notice")
GREETING = ""  # the place of the greeting among the keys of steps


@dataclass(frozen=True, slots=True)
class Problem:
    """A sentence about a step, by its key; "" for the greeting and for the script as a whole."""

    step: str
    sentence: str


def check(definition: ScriptDefinition, *, languages: Collection[str]) -> list[Problem]:
    """Everything that stands against publishing; nothing found means that every way reaches an end.

    `languages` are those of the lines that use the script. Problems come in the order of the steps.
    """
    found = [*_of_greeting(definition, languages)]
    if not definition.steps:
        return [*found, Problem(GREETING, _("The script has no step yet."))]
    graph = {step.key: _targets(definition, step) for step in definition.steps}
    reached = _reached(graph, definition.steps[0].key)
    looping = _looping(graph)
    for step in definition.steps:
        found += (Problem(step.key, sentence) for sentence in _of_step(definition, step, languages))
        if step.key not in reached:
            found.append(Problem(step.key, _("No way leads to this step.")))
        if step.key in looping:
            found.append(Problem(step.key, _("This step leads back to itself, so that the script might never end.")))
    return found


def _of_greeting(definition: ScriptDefinition, languages: Collection[str]) -> Iterator[Problem]:
    for sentence in _of_texts(definition, definition.greeting, languages, name=_("the greeting")):
        yield Problem(GREETING, sentence)


def _targets(definition: ScriptDefinition, step: Step) -> frozenset[str]:
    """The keys of the steps that this one can lead to; those that do not exist are left out."""
    if _ends(step):
        return frozenset()
    leads = {lead or definition.following(step.key) for lead in leads_of(step)}
    return frozenset(lead for lead in leads if lead is not None and definition.step(lead) is not None)


def _ends(step: Step) -> bool:
    action = action_named(step.action) if isinstance(step, Act) else None
    return action is not None and action.ends


def _reached(graph: Mapping[str, frozenset[str]], start: str) -> set[str]:
    reached, waiting = {start}, [start]
    while waiting:
        new = graph[waiting.pop()] - reached
        reached |= new
        waiting += new
    return reached


def _looping(graph: Mapping[str, frozenset[str]]) -> set[str]:
    """The steps from which a way leads back to themselves."""
    return {key for key, targets in graph.items() if any(key in _reached(graph, target) for target in targets)}


def _of_step(definition: ScriptDefinition, step: Step, languages: Collection[str]) -> Iterator[str]:
    yield from _of_leads(definition, step)
    match step:
        case Ask():
            yield from _of_texts(definition, step.text, languages)
            yield from _of_ask(definition, step, languages)
        case Branch():
            yield from _of_branch(definition, step)
        case Act():
            if step.text:
                yield from _of_texts(definition, step.text, languages)
            if action_named(step.action) is None:
                yield _("Choose what is to be done here.")
        case _:
            yield from _of_texts(definition, step.text, languages)


def _of_leads(definition: ScriptDefinition, step: Step) -> Iterator[str]:
    if _ends(step):
        return
    leads = dict.fromkeys(leads_of(step))
    for lead in leads:
        if lead and definition.step(lead) is None:
            yield _("It leads to a step that does not exist: %(key)s.") % {"key": lead}
    if "" in leads and definition.following(step.key) is None:
        yield _("The script stops here without an end. Add a step that ends it.")


def _of_texts(
    definition: ScriptDefinition, texts: Texts, languages: Collection[str], *, name: str = ""
) -> Iterator[str]:
    for language in sorted(languages):
        if not texts.get(language):
            missing = {"language": language.upper(), "name": name}
            yield (
                _("The text is missing in %(language)s: %(name)s.")
                if name
                else _("The text is missing in %(language)s.")
            ) % missing
    known = {*MERGE_FIELDS, *(f"answer.{ask.key}" for ask in definition.asks())}
    for field in dict.fromkeys(field for text in texts.values() for field in fields_of(text)):
        if field not in known:
            yield _("There is no field {%(field)s}.") % {"field": field}


def _of_ask(definition: ScriptDefinition, step: Ask, languages: Collection[str]) -> Iterator[str]:
    if not step.name:
        yield _("Name the answer; the client sees it under this name.")
    if step.type != AnswerType.CHOICE:
        return
    if len(step.choices) < 2:
        yield _("A question with choices needs at least two.")
    for choice in step.choices:
        yield from _of_texts(definition, choice.label, languages, name=choice.value)


def _of_branch(definition: ScriptDefinition, step: Branch) -> Iterator[str]:
    if not step.cases:
        yield _("A branch needs at least one condition.")
    for case in step.cases:
        if not case.conditions:
            yield _("A branch needs at least one condition.")
        for condition in case.conditions:
            yield from _of_condition(definition, condition)


def _of_condition(definition: ScriptDefinition, condition: Condition) -> Iterator[str]:
    if condition.subject != Subject.ANSWER:
        allowed = FACT_VALUES.get(condition.subject)
        if condition.test not in (Comparison.IS, Comparison.IS_NOT) or (allowed and condition.value not in allowed):
            yield _("This condition can never be decided. Choose a value.")
        return
    ask = definition.step(condition.answer)
    if not isinstance(ask, Ask):
        yield _("A condition names a question that does not exist: %(key)s.") % {"key": condition.answer}
        return
    if condition.test in (Comparison.GIVEN, Comparison.MISSING):
        return
    if not _IS_COMPARABLE.get(ask.type, _is_text)(ask, condition):
        yield _("This condition can never be decided. Choose a value.")


def _is_text(ask: Ask, condition: Condition) -> bool:
    return bool(condition.value) and condition.test in (Comparison.IS, Comparison.IS_NOT)


def _is_chosen(ask: Ask, condition: Condition) -> bool:
    return condition.value in {choice.value for choice in ask.choices} and _is_text(ask, condition)


def _is_number(ask: Ask, condition: Condition) -> bool:
    try:
        return Decimal(condition.value).is_finite()
    except InvalidOperation:
        return False


def _is_date(ask: Ask, condition: Condition) -> bool:
    try:
        return date.fromisoformat(condition.value).isoformat() == condition.value
    except ValueError:
        return False


_IS_COMPARABLE: Mapping[AnswerType, Callable[[Ask, Condition], bool]] = {
    AnswerType.CHOICE: _is_chosen,
    AnswerType.YES_NO: _is_chosen,
    AnswerType.NUMBER: _is_number,
    AnswerType.DATE: _is_date,
}
