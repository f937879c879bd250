"""Two versions of a script side by side."""

from dataclasses import dataclass
from difflib import SequenceMatcher

from answering.desk.scripts.editor import title_of
from clients.scripts import Ask, ScriptDefinition
from clients.scripts.definition import Branch, Step, Texts


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
    lines = _lines_of(script.greeting, "")
    for place, step in enumerate(script.steps):
        lines += _lines_of_step(step, place, places)
    return lines


def _lines_of_step(step: Step, place: int, places: dict[str, str]) -> list[str]:
    lines = [title_of(step, place) + _arrow(step.next, places)]
    if not isinstance(step, Branch):
        lines += _lines_of(step.text, "   ")
    if isinstance(step, Ask):
        lines.append(f"   ({step.type}{', *' if step.is_required else ''})")
        for choice in step.choices:
            label = " / ".join(choice.label.values()) or choice.value
            lines.append(f"   • {label}{_arrow(choice.next, places)}")
    if isinstance(step, Branch):
        for case in step.cases:
            conditions = ", ".join(
                f"{each.answer or each.subject} {each.test} {each.value}" for each in case.conditions
            )
            lines.append(f"   ? {conditions}{_arrow(case.next, places)}")
    return lines


def _lines_of(texts: Texts, indent: str) -> list[str]:
    return [f"{indent}{language.upper()}: {text}" for language, text in sorted(texts.items())]


def _arrow(lead: str, places: dict[str, str]) -> str:
    return f" → {places.get(lead, '?')}" if lead else ""
