"""The editor's form as it was sent: read into a script, and what is refused of that traced back to its field."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from answering.accounts.models import Language
from clients.scripts import AnswerType, DefinitionError, StepKind

Fields = Mapping[str, str]
NEEDS_VALUE = "…"


def read_fields(fields: Fields, count: int) -> dict[str, Any]:
    """The script of a submitted form as `ScriptDefinition.from_dict` reads it."""
    return {"greeting": _texts(fields, "greeting"), "steps": [_step(fields, f"s{place}") for place in range(count)]}


def _texts(fields: Fields, prefix: str) -> dict[str, str]:
    found = {
        language: fields.get(f"{prefix}-text-{language}", "").replace("\r\n", "\n") for language in Language.values
    }
    return {language: text for language, text in found.items() if text.strip()}


def _step(fields: Fields, prefix: str) -> dict[str, Any]:
    kind = fields.get(f"{prefix}-kind", "")
    step: dict[str, Any] = {"kind": kind, "key": fields.get(f"{prefix}-key", "")}
    step |= {"next": fields[f"{prefix}-next"]} if fields.get(f"{prefix}-next") else {}
    if kind != StepKind.BRANCH:
        step["text"] = _texts(fields, prefix)
    if kind == StepKind.ASK:
        step |= _asked(fields, prefix)
    elif kind == StepKind.BRANCH:
        step["cases"] = [_case(fields, f"{prefix}-w{place}") for place in _places(fields, f"{prefix}-cases")]
    elif kind == StepKind.ACT:
        step["action"] = fields.get(f"{prefix}-action", "")
    return step


def _places(fields: Fields, name: str) -> range:
    count = fields.get(name, "0")
    return range(min(int(count), 100) if count.isascii() and count.isdigit() and len(count) < 10 else 0)


def _asked(fields: Fields, prefix: str) -> dict[str, Any]:
    answer_type = fields.get(f"{prefix}-type", "")
    choices = [_choice(fields, f"{prefix}-c{place}") for place in _places(fields, f"{prefix}-choices")]
    if answer_type == AnswerType.YES_NO and [choice["value"] for choice in choices] != ["yes", "no"]:
        choices = []
    return {
        "name": fields.get(f"{prefix}-name", "").strip(),
        "type": answer_type,
        "required": f"{prefix}-required" in fields,
        "choices": choices if answer_type in (AnswerType.CHOICE, AnswerType.YES_NO) else [],
    }


def _choice(fields: Fields, prefix: str) -> dict[str, Any]:
    lead = {"next": fields[f"{prefix}-next"]} if fields.get(f"{prefix}-next") else {}
    return {"value": fields.get(f"{prefix}-value", ""), "label": _texts(fields, prefix), **lead}


def _case(fields: Fields, prefix: str) -> dict[str, Any]:
    conditions = [_condition(fields, f"{prefix}-if{place}") for place in _places(fields, f"{prefix}-conditions")]
    return {"conditions": conditions, "next": fields.get(f"{prefix}-next", "")}


def _condition(fields: Fields, prefix: str) -> dict[str, str]:
    """A condition is chosen as a whole; only what is compared with something has a value beside it."""
    parts = fields.get(f"{prefix}-what", "").split(":")
    subject, test, answer, value = (*parts, "", "", "", "")[:4]
    compared = fields.get(f"{prefix}-value", "").strip()
    return {"subject": subject, "test": test, "answer": answer, "value": compared if value == NEEDS_VALUE else value}


# Where a definition is refused, and the name of the field that it came from.
_FIELDS = (
    (re.compile(r"greeting\.([a-z]+)"), r"greeting-text-\1"),
    (re.compile(r"steps\[(\d+)\]\.text\.([a-z]+)"), r"s\1-text-\2"),
    (re.compile(r"steps\[(\d+)\]\.name"), r"s\1-name"),
    (re.compile(r"steps\[(\d+)\]\.choices\[(\d+)\]\.label\.([a-z]+)"), r"s\1-c\2-text-\3"),
    (re.compile(r"steps\[(\d+)\]\.cases\[(\d+)\]\.conditions\[(\d+)\]\.value"), r"s\1-w\2-if\3-value"),
    (re.compile(r"steps\[(\d+)\].*"), r"s\1"),
)


def by_field(refused: Iterable[DefinitionError]) -> dict[str, str]:
    """The sentences by the name of the field, else of the step, they are about; "" is the script as a whole."""
    return {_field_of(error.path): error.sentence for error in refused}


def _field_of(path: str) -> str:
    return next((match.expand(name) for form, name in _FIELDS if (match := form.fullmatch(path))), "")
