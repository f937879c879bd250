"""A script as data: steps with keys, and where each leads. JSON in `from_dict`, out by `to_dict`; strict both ways."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Literal

from django.utils.translation import gettext as _

from clients.scripts.errors import DefinitionError
from clients.scripts.reading import Reader

STEP_LIMIT = 200
CHOICE_LIMIT = 9  # one for each number key
CASE_LIMIT = 20
SPOKEN_LIMIT = 2_000
FOLLOWING = ""  # leads to the step below
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z]{2})?")

Texts = Mapping[str, str]


class StepKind(StrEnum):
    SAY = "say"
    ASK = "ask"
    BRANCH = "branch"
    ACT = "act"


class AnswerType(StrEnum):
    TEXT = "text"
    CHOICE = "choice"
    YES_NO = "yes_no"
    DATE = "date"
    NUMBER = "number"
    PHONE = "phone"
    EMAIL = "email"


class Subject(StrEnum):
    """What a condition looks at: an answer of this call, or a fact about it."""

    ANSWER = "answer"
    CALLER = "caller"
    HOURS = "hours"
    DAY = "day"
    NOTICE = "notice"
    LANGUAGE = "language"
    CALLER_LANGUAGE = "caller_language"


class Comparison(StrEnum):
    IS = "is"
    IS_NOT = "is_not"
    GIVEN = "given"
    MISSING = "missing"
    LESS = "less"
    MORE = "more"


# What facts may be compared with; languages are any.
FACT_VALUES: Mapping[Subject, tuple[str, ...]] = {
    Subject.CALLER: ("known", "unknown"),
    Subject.HOURS: ("open", "closed"),
    Subject.DAY: ("holiday", "ordinary"),
    Subject.NOTICE: ("running", "none"),
}
YES, NO = "yes", "no"


def in_language(texts: Texts, language: str) -> str:
    """The text in this language; where it is missing, in the first language that there is, "" without any."""
    return texts.get(language) or next((text for text in texts.values() if text), "")


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer to choose. `next` is the step it leads to; FOLLOWING leaves that to the question's own `next`."""

    value: str
    label: Texts = field(default_factory=dict)
    next: str = FOLLOWING


@dataclass(frozen=True, slots=True)
class Condition:
    """`subject` of `answer` (the key of a question, for answers only) compared with `value`."""

    subject: Subject
    test: Comparison
    value: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """Where it goes if all conditions hold."""

    conditions: tuple[Condition, ...]
    next: str


@dataclass(frozen=True, slots=True)
class Say:
    """Words to read aloud; shown together with what follows."""

    key: str
    text: Texts = field(default_factory=dict)
    next: str = FOLLOWING
    kind: Literal[StepKind.SAY] = StepKind.SAY


@dataclass(frozen=True, slots=True)
class Ask:
    """A question; its answer is kept under `key` and shown to the client under `name`."""

    key: str
    name: str = ""
    text: Texts = field(default_factory=dict)
    type: AnswerType = AnswerType.TEXT
    is_required: bool = False
    choices: tuple[Choice, ...] = ()
    next: str = FOLLOWING
    kind: Literal[StepKind.ASK] = StepKind.ASK


@dataclass(frozen=True, slots=True)
class Branch:
    """Nothing to say: the first case that holds decides, else `next`."""

    key: str
    cases: tuple[Case, ...] = ()
    next: str = FOLLOWING
    kind: Literal[StepKind.BRANCH] = StepKind.BRANCH


@dataclass(frozen=True, slots=True)
class Act:
    """Something to do, by the name of a registered action."""

    key: str
    action: str = ""
    text: Texts = field(default_factory=dict)
    next: str = FOLLOWING
    kind: Literal[StepKind.ACT] = StepKind.ACT


Step = Say | Ask | Branch | Act


@dataclass(frozen=True, slots=True)
class ScriptDefinition:
    """A greeting and steps, the first of which is where it begins."""

    greeting: Texts = field(default_factory=dict)
    steps: tuple[Step, ...] = ()

    @classmethod
    def from_dict(cls, data: object) -> "ScriptDefinition":
        """Raises DefinitionError. What `check` finds is not refused here: a draft may be unfinished."""
        return cls._read(Reader(data, ""))

    @classmethod
    def as_typed(cls, data: object) -> "tuple[ScriptDefinition, list[DefinitionError]]":
        """What can be shown again of a script, every text as it was typed; and all that keeps it from being stored."""
        refused: list[DefinitionError] = []
        return cls._read(Reader(data, "", refused)), refused

    @classmethod
    def _read(cls, reader: Reader) -> "ScriptDefinition":
        reader.only("greeting", "steps")
        steps = reader.items("steps", _read_step, limit=STEP_LIMIT)
        known: set[str] = set()
        for place, step in enumerate(steps):
            if step.key in known:
                reader.refuse(f"steps[{place}].key", _("Two steps have this key."))
            known.add(step.key)
        return cls(_read_texts(reader, "greeting"), steps)

    def to_dict(self) -> dict[str, Any]:
        """What `from_dict` reads; equal definitions give equal JSON."""
        return {"greeting": dict(self.greeting), "steps": [_step_to_dict(step) for step in self.steps]}

    def step(self, key: str) -> Step | None:
        return next((step for step in self.steps if step.key == key), None)

    def following(self, key: str) -> str | None:
        """The key of the step below; None for the last."""
        keys = [step.key for step in self.steps]
        below = keys.index(key) + 1
        return keys[below] if below < len(keys) else None

    def asks(self) -> Iterator[Ask]:
        return (step for step in self.steps if isinstance(step, Ask))

    def with_steps(self, steps: tuple[Step, ...]) -> "ScriptDefinition":
        return replace(self, steps=steps)


def leads_of(step: Step) -> tuple[str, ...]:
    """Everything that a step can lead to, as it is written; FOLLOWING included."""
    match step:
        case Ask(choices=choices) if choices:
            return tuple(choice.next or step.next for choice in choices) + (() if step.is_required else (step.next,))
        case Branch(cases=cases):
            return (*(case.next for case in cases), step.next)
        case _:
            return (step.next,)


def _read_step(reader: Reader) -> Step:
    kind = reader.one_of("kind", StepKind)
    key = _key(reader, "key")
    following = _lead(reader)
    match kind:
        case StepKind.SAY:
            reader.only("kind", "key", "text", "next")
            return Say(key, _read_texts(reader, "text"), following)
        case StepKind.ASK:
            return _read_ask(reader, key, following)
        case StepKind.BRANCH:
            reader.only("kind", "key", "cases", "next")
            return Branch(key, reader.items("cases", _read_case, limit=CASE_LIMIT), following)
        case StepKind.ACT:
            reader.only("kind", "key", "action", "text", "next")
            return Act(key, reader.text("action", limit=40, default=""), _read_texts(reader, "text"), following)


def _read_ask(reader: Reader, key: str, following: str) -> Ask:
    reader.only("kind", "key", "name", "text", "type", "required", "choices", "next")
    answer_type = reader.one_of("type", AnswerType)
    choices = reader.items("choices", _read_choice, limit=CHOICE_LIMIT)
    values = [choice.value for choice in choices]
    if len(set(values)) < len(values):
        reader.refuse("choices", _("Two choices have the same value."))
    if answer_type == AnswerType.YES_NO and values not in ([], [YES, NO]):
        reader.refuse("choices", _("A yes/no question has the choices yes and no."))
    if choices and answer_type not in (AnswerType.CHOICE, AnswerType.YES_NO):
        reader.refuse("choices", _("Only a question with choices has choices."))
    if answer_type == AnswerType.YES_NO and not choices:
        choices = (Choice(YES), Choice(NO))
    name, text = reader.text("name", default=""), _read_texts(reader, "text")
    return Ask(key, name, text, answer_type, reader.flag("required", default=False), choices, following)


def _read_choice(reader: Reader) -> Choice:
    reader.only("value", "label", "next")
    return Choice(_key(reader, "value"), _read_texts(reader, "label"), _lead(reader))


def _read_case(reader: Reader) -> Case:
    reader.only("conditions", "next")
    return Case(reader.items("conditions", _read_condition, limit=CASE_LIMIT), _lead(reader))


def _read_condition(reader: Reader) -> Condition:
    reader.only("subject", "test", "value", "answer")
    subject, test = reader.one_of("subject", Subject), reader.one_of("test", Comparison)
    return Condition(subject, test, reader.text("value", default=""), reader.text("answer", limit=40, default=""))


def _read_texts(reader: Reader, name: str) -> Texts:
    """Texts by language; empty ones are left out."""
    texts = reader.child(name)
    for language in texts.names():
        if not _LANGUAGE.fullmatch(language):
            texts.refuse(language, _("This is no code of a language."))
    found = {language: texts.text(language, limit=SPOKEN_LIMIT).strip() for language in texts.names()}
    return {language: text for language, text in found.items() if text}


def _key(reader: Reader, name: str) -> str:
    key = reader.text(name)
    if not _KEY.fullmatch(key):
        reader.refuse(name, _("A key has small letters a to z, digits and _, and begins with a letter."))
    return key


def _lead(reader: Reader) -> str:
    return reader.text("next", limit=40, default=FOLLOWING)


def _step_to_dict(step: Step) -> dict[str, Any]:
    common: dict[str, Any] = {"kind": step.kind.value, "key": step.key}
    lead: dict[str, Any] = {"next": step.next} if step.next else {}
    match step:
        case Say():
            return common | {"text": dict(step.text)} | lead
        case Ask():
            asked = {"name": step.name, "text": dict(step.text), "type": step.type.value, "required": step.is_required}
            return common | asked | {"choices": [_choice_to_dict(choice) for choice in step.choices]} | lead
        case Branch():
            return common | {"cases": [_case_to_dict(case) for case in step.cases]} | lead
        case Act():
            return common | {"action": step.action, "text": dict(step.text)} | lead


def _choice_to_dict(choice: Choice) -> dict[str, Any]:
    lead = {"next": choice.next} if choice.next else {}
    return {"value": choice.value, "label": dict(choice.label), **lead}


def _case_to_dict(case: Case) -> dict[str, Any]:
    conditions = [
        {"subject": each.subject.value, "test": each.test.value, "value": each.value, "answer": each.answer}
        for each in case.conditions
    ]
    return {"conditions": conditions, "next": case.next}
