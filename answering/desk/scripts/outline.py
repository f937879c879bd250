"""Two versions of a script side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.translation import gettext as _

from answering.desk.scripts.editor import condition_labels, title_of, type_labels
from answering.desk.scripts.typed import NEEDS_VALUE
from clients.scripts import Ask, Branch, Case, Condition, ScriptDefinition
from clients.scripts.definition import Texts

INDENT = "   "


@dataclass(frozen=True, slots=True)
class Row:
    """A line of each version; "" where the other has one more."""

    before: str
    after: str
    is_changed: bool


def compare(before: ScriptDefinition, after: ScriptDefinition) -> list[Row]:
    """The lines of both beside each other, as much alike as can be."""
    left, right = outline(before), outline(after)
    rows: list[Row] = []
    for tag, from_left, to_left, from_right, to_right in SequenceMatcher(
        None, left, right, autojunk=False
    ).get_opcodes():
        count = max(to_left - from_left, to_right - from_right)
        lefts = left[from_left:to_left] + [""] * count
        rights = right[from_right:to_right] + [""] * count
        rows += [Row(*pair, tag != "equal") for pair in list(zip(lefts, rights, strict=False))[:count]]
    return rows


def outline(script: ScriptDefinition) -> list[str]:
    """A script as lines that people can read."""
    places = {step.key: str(place) for place, step in enumerate(script.steps, start=1)}
    conditions = condition_labels(script)
    lines = _lines_of(script.greeting, "")
    for place, step in enumerate(script.steps):
        lines.append(title_of(step, place) + _arrow(step.next, places))
        if not isinstance(step, Branch):
            lines += _lines_of(step.text, INDENT)
        if isinstance(step, Ask):
            lines += _lines_of_ask(step, places)
        if isinstance(step, Branch):
            lines += (f"{INDENT}? {_if(case, conditions)}{_arrow(case.next, places)}" for case in step.cases)
    return lines


def _lines_of_ask(step: Ask, places: Mapping[str, str]) -> list[str]:
    kind = type_labels()[step.type]
    lines = [f"{INDENT}({kind}, {_('Must be answered').lower()})" if step.is_required else f"{INDENT}({kind})"]
    for choice in step.choices:
        label = " / ".join(choice.label.values()) or {"yes": _("Yes"), "no": _("No")}.get(choice.value, choice.value)
        lines.append(f"{INDENT}• {label}{_arrow(choice.next, places)}")
    return lines


def _if(case: Case, known: Mapping[str, str]) -> str:
    return ", ".join(_condition(each, known) for each in case.conditions)


def _condition(condition: Condition, known: Mapping[str, str]) -> str:
    begins = f"{condition.subject}:{condition.test}:{condition.answer}:"
    if whole := known.get(begins + condition.value):
        return whole
    return known.get(begins + NEEDS_VALUE, condition.answer).replace(NEEDS_VALUE, condition.value)


def _lines_of(texts: Texts, indent: str) -> list[str]:
    return [f"{indent}{language.upper()}: {text}" for language, text in sorted(texts.items())]


def _arrow(lead: str, places: Mapping[str, str]) -> str:
    return f" → {places.get(lead, '?')}" if lead else ""
