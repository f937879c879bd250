"""The draft editor: a script as fields of a form, and what the buttons between them do. No row is touched here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from answering.accounts.models import Language
from answering.desk.scripts.typed import NEEDS_VALUE
from clients.scripts import AnswerType, Ask, Problem, ScriptDefinition, StepKind, all_actions
from clients.scripts.definition import CHOICE_LIMIT, Act, Branch, Choice, Say, Step, Subject, Texts

Steps = list[dict[str, Any]]


def apply_command(script: dict[str, Any], command: str) -> int:
    """Do what a button says, such as "up:3", to the script; gives the place of the step to look at."""
    verb, *arguments = command.split(":")
    places = [int(each) for each in arguments if each.isascii() and each.isdigit() and len(each) < 10]
    steps: Steps = script["steps"]
    if verb == "add":
        return _add(steps, arguments[0] if arguments else "")
    if not places or places[0] >= len(steps):
        return 0
    if verb in _STEP_COMMANDS:
        return _STEP_COMMANDS[verb](steps, places[0])
    if verb in _PART_COMMANDS:
        _PART_COMMANDS[verb](steps[places[0]], places[1:])
    return places[0]


def _add(steps: Steps, kind: str) -> int:
    """At the bottom, but above the end: below it nothing could be reached."""
    if kind not in addable_labels():
        return 0
    has_choices = kind == AnswerType.CHOICE
    kind = StepKind.ASK.value if has_choices else kind
    taken = {step["key"] for step in steps}
    number = next(number for number in range(1, len(steps) + 2) if f"step_{number}" not in taken)
    step: dict[str, Any] = {"kind": kind, "key": f"step_{number}"}
    step |= {"type": AnswerType.TEXT.value, "required": False, "choices": []} if kind == StepKind.ASK else {}
    if has_choices:
        choices = [{"value": f"choice_{number}", "label": {}} for number in (1, 2)]
        step |= {"type": AnswerType.CHOICE.value, "required": True, "choices": choices}
    step |= {"cases": [_new_case()]} if kind == StepKind.BRANCH else {}
    place = len(steps) - 1 if steps and kind != StepKind.ACT and steps[-1].get("action") == "end" else len(steps)
    steps.insert(place, step)
    return place


def _remove(steps: Steps, place: int) -> int:
    """What led to the step leads to the one below it now."""
    gone = steps.pop(place)["key"]
    for step in steps:
        for part in (step, *step.get("choices", ()), *step.get("cases", ())):
            if part.get("next") == gone:
                part["next"] = ""
    return max(0, place - 1)


def _move(steps: Steps, place: int, by: int) -> int:
    target = place + by
    if not 0 <= target < len(steps):
        return place
    steps[place], steps[target] = steps[target], steps[place]
    return target


def _add_choice(step: dict[str, Any], places: Sequence[int]) -> None:
    choices = step.get("choices", [])
    taken = {choice["value"] for choice in choices}
    number = next(number for number in range(1, len(choices) + 2) if f"choice_{number}" not in taken)
    if "choices" in step and len(choices) < CHOICE_LIMIT:
        choices.append({"value": f"choice_{number}", "label": {}})


def _remove_choice(step: dict[str, Any], places: Sequence[int]) -> None:
    _drop(step.get("choices", []), places)


def _new_case() -> dict[str, Any]:
    return {"conditions": [{"subject": "caller", "test": "is", "value": "known", "answer": ""}], "next": ""}


def _add_case(step: dict[str, Any], places: Sequence[int]) -> None:
    if "cases" in step:
        step["cases"].append(_new_case())


def _remove_case(step: dict[str, Any], places: Sequence[int]) -> None:
    _drop(step.get("cases", []), places)


def _add_condition(step: dict[str, Any], places: Sequence[int]) -> None:
    cases = step.get("cases", [])
    if places and places[0] < len(cases):
        cases[places[0]]["conditions"].append(_new_case()["conditions"][0])


def _remove_condition(step: dict[str, Any], places: Sequence[int]) -> None:
    cases = step.get("cases", [])
    if places and places[0] < len(cases):
        _drop(cases[places[0]]["conditions"], places[1:])


def _drop(parts: list[Any], places: Sequence[int]) -> None:
    if places and places[0] < len(parts):
        del parts[places[0]]


_STEP_COMMANDS: Mapping[str, Callable[[Steps, int], int]] = {
    "remove": _remove,
    "up": lambda steps, place: _move(steps, place, -1),
    "down": lambda steps, place: _move(steps, place, 1),
}
_PART_COMMANDS = {
    "add-choice": _add_choice,
    "remove-choice": _remove_choice,
    "add-case": _add_case,
    "remove-case": _remove_case,
    "add-condition": _add_condition,
    "remove-condition": _remove_condition,
}


# -- what the page shows ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TextField:
    """A text in one language, by the name of its field."""

    name: str
    language: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class ChoiceFields:
    name: str
    value: str
    texts: list[TextField]
    leads: list[Option]


@dataclass(frozen=True, slots=True)
class ConditionFields:
    name: str
    options: list[Option]
    value: str


@dataclass(frozen=True, slots=True)
class CaseFields:
    name: str
    conditions: list[ConditionFields]
    leads: list[Option]


@dataclass(frozen=True, slots=True)
class StepFields:
    """One step as fields, with what is wrong about it."""

    place: int
    name: str
    step: Step
    title: str
    texts: list[TextField]
    leads: list[Option]
    problems: list[str]
    types: list[Option] = field(default_factory=list)
    actions: list[Option] = field(default_factory=list)
    choices: list[ChoiceFields] = field(default_factory=list)
    cases: list[CaseFields] = field(default_factory=list)

    @property
    def has_free_choices(self) -> bool:
        return isinstance(self.step, Ask) and self.step.type == AnswerType.CHOICE

    @property
    def ends(self) -> bool:
        return any(action.is_chosen and action.value == "end" for action in self.actions)


def addable_labels() -> dict[str, str]:
    """What can be added, in the words of the desk: the kinds, and the question that most scripts begin with."""
    labels = kind_labels()
    choice = {AnswerType.CHOICE.value: _("Ask with choices")}
    return {kind: labels[kind] for kind in (StepKind.SAY, StepKind.ASK)} | choice | labels


def kind_labels() -> dict[str, str]:
    """What a step is."""
    return {
        StepKind.SAY.value: _("Say something"),
        StepKind.ASK.value: _("Ask a question"),
        StepKind.BRANCH.value: _("Branch"),
        StepKind.ACT.value: _("Do something"),
    }


def type_labels() -> dict[AnswerType, str]:
    return {
        AnswerType.TEXT: _("Text"),
        AnswerType.CHOICE: _("Choice"),
        AnswerType.YES_NO: _("Yes or no"),
        AnswerType.DATE: _("Date"),
        AnswerType.NUMBER: pgettext("kind of answer", "Number"),
        AnswerType.PHONE: _("Phone"),
        AnswerType.EMAIL: _("E-mail"),
    }


def greeting_fields(script: ScriptDefinition, languages: Sequence[str]) -> list[TextField]:
    return _text_fields("greeting", script.greeting, languages)


def step_fields(script: ScriptDefinition, languages: Sequence[str], problems: Sequence[Problem]) -> list[StepFields]:
    """The steps as the page shows them."""
    return [_fields_of(script, place, step, languages, problems) for place, step in enumerate(script.steps)]


def _fields_of(
    script: ScriptDefinition, place: int, step: Step, languages: Sequence[str], problems: Sequence[Problem]
) -> StepFields:
    name = f"s{place}"
    own = [problem.sentence for problem in problems if problem.step == step.key]
    texts = [] if isinstance(step, Branch) else _text_fields(name, step.text, languages)
    shown = StepFields(place, name, step, title_of(step, place), texts, _leads(script, step.key, step.next), own)
    match step:
        case Ask():
            shown.types.extend(Option(kind.value, text, kind == step.type) for kind, text in type_labels().items())
            shown.choices.extend(
                _choice_fields(script, step, f"{name}-c{number}", choice, languages)
                for number, choice in enumerate(step.choices)
            )
        case Branch():
            shown.cases.extend(_case_fields(script, step, name))
        case Act():
            actions = (Option(each.name, str(each.label), each.name == step.action) for each in all_actions())
            shown.actions.extend(actions)
        case Say():
            pass
    return shown


def title_of(step: Step, place: int) -> str:
    """A step in a list: its place, what it is, how it begins."""
    begins = ""
    match step:
        case Ask():
            begins = step.name or _first(step.text)
        case Say() | Act():
            begins = _first(step.text)
        case Branch():
            pass
    kind = kind_labels()[step.kind.value]
    if isinstance(step, Act):
        kind = next((str(each.label) for each in all_actions() if each.name == step.action), kind)
    return f"{place + 1}. {kind}{': ' if begins else ''}{begins[:60]}"


def _first(texts: Texts) -> str:
    return next(iter(texts.values()), "")


def _text_fields(prefix: str, texts: Texts, languages: Sequence[str]) -> list[TextField]:
    labels = dict(Language.choices)
    shown = [language for language in Language.values if language in languages or language in texts]
    return [TextField(f"{prefix}-text-{each}", each, str(labels[each]), texts.get(each, "")) for each in shown]


def _leads(script: ScriptDefinition, own: str, chosen: str) -> list[Option]:
    below = [Option("", _("the step below"), not chosen)]
    steps = ((step, place) for place, step in enumerate(script.steps) if step.key != own)
    known = below + [Option(step.key, title_of(step, place), step.key == chosen) for step, place in steps]
    if any(option.is_chosen for option in known):
        return known
    return [*known, Option(chosen, _("a step that is gone"), is_chosen=True)]


def _choice_fields(
    script: ScriptDefinition, step: Ask, name: str, choice: Choice, languages: Sequence[str]
) -> ChoiceFields:
    texts = _text_fields(name, choice.label, languages) if step.type == AnswerType.CHOICE else []
    return ChoiceFields(name, choice.value, texts, _leads(script, step.key, choice.next))


def _case_fields(script: ScriptDefinition, step: Branch, name: str) -> list[CaseFields]:
    known = condition_labels(script)
    found = []
    for number, case in enumerate(step.cases):
        conditions = []
        for place, each in enumerate(case.conditions):
            whole = f"{each.subject}:{each.test}:{each.answer}:{each.value}"
            open_ended = f"{each.subject}:{each.test}:{each.answer}:{NEEDS_VALUE}"
            options = [Option(value, label, value in (whole, open_ended)) for value, label in known.items()]
            is_open = open_ended in known and whole not in known
            conditions.append(ConditionFields(f"{name}-w{number}-if{place}", options, each.value if is_open else ""))
        found.append(CaseFields(f"{name}-w{number}", conditions, _leads(script, step.key, case.next)))
    return found


def condition_labels(script: ScriptDefinition) -> dict[str, str]:
    """Every condition that can be chosen, by how it is sent."""
    known = {
        "caller:is::known": _("The caller has called before"),
        "caller:is::unknown": _("The caller calls for the first time"),
        "hours:is::open": _("In hours"),
        "hours:is::closed": _("After hours"),
        "day:is::holiday": _("It is a holiday"),
        "day:is::ordinary": _("It is no holiday"),
        "notice:is::running": _("A notice is in force"),
        "notice:is::none": _("No notice is in force"),
    }
    for code, name in Language.choices:
        known[f"{Subject.LANGUAGE}:is::{code}"] = _("The line's language is %(language)s") % {"language": name}
        known[f"{Subject.CALLER_LANGUAGE}:is::{code}"] = _("The caller's language is %(language)s") % {"language": name}
    for ask in script.asks():
        known |= _conditions_on(ask)
    return known


def _conditions_on(ask: Ask) -> dict[str, str]:
    names = {"name": ask.name or _first(ask.text)[:40] or ask.key}
    on = f"{Subject.ANSWER}:%s:{ask.key}:%s"
    known = {on % ("given", ""): _("%(name)s was answered") % names}
    known[on % ("missing", "")] = _("%(name)s was not answered") % names
    for choice in ask.choices:
        shown = _first(choice.label) or {"yes": _("Yes"), "no": _("No")}.get(choice.value, choice.value)
        known[on % ("is", choice.value)] = _("%(name)s is %(value)s") % (names | {"value": shown})
    if not ask.choices:
        known[on % ("is", NEEDS_VALUE)] = _("%(name)s is …") % names
    if ask.type in (AnswerType.NUMBER, AnswerType.DATE):
        known[on % ("less", NEEDS_VALUE)] = _("%(name)s is less than …") % names
        known[on % ("more", NEEDS_VALUE)] = _("%(name)s is more than …") % names
    return known
