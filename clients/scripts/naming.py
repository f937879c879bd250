"""Where texts name somebody, also in another case, and the same texts with another's name. Pure."""

import re
from collections.abc import Iterator
from dataclasses import replace

from answering.lib.text import search_key
from clients.scripts.definition import SPOKEN_LIMIT, Ask, Branch, ScriptDefinition, Step, Texts

_WORD = re.compile(r"\w+")
_ENDINGS = "aeiouysαεηιουωσ"  # what Latvian, Lithuanian and Greek names end in and change
_LONGEST_ENDING, _SHORTEST_STEM = 2, 3
_ADDED_BY_CASE = 3  # letters, as in Kalniņ-iem


def stem_of(name: str) -> str:
    """What all cases of the last word of a name begin with, as in search keys; "" for a name without a word."""
    words = _WORD.findall(search_key(name))
    stem = words[-1] if words else ""
    for _letter in range(_LONGEST_ENDING):
        if len(stem) > _SHORTEST_STEM and stem[-1] in _ENDINGS:
            stem = stem[:-1]
    return stem


def stands_in(text: str, name: str) -> bool:
    """Whether the name stands in the text just as it is."""
    return _as_is(name).search(text) is not None


def put_instead(text: str, name: str, other: str) -> str:
    """The text with the other's name wherever this one stands just as it is."""
    return _as_is(name).sub(lambda _match: other, text)


def _as_is(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")


def names(text: str, name: str) -> bool:
    """Whether the text names this person: by the name as it is, or by its last word in any case."""
    if stands_in(text, name):
        return True
    stem = stem_of(name)
    longest = len(stem) + _ADDED_BY_CASE
    return bool(stem) and any(
        word.startswith(stem) and len(word) <= longest for word in _WORD.findall(search_key(text))
    )


def texts_of(definition: ScriptDefinition) -> Iterator[str]:
    """Everything that agents read, in the order of the steps."""
    yield from definition.greeting.values()
    for step in definition.steps:
        if not isinstance(step, Branch):
            yield from step.text.values()
        if isinstance(step, Ask):
            yield from (label for choice in step.choices for label in choice.label.values())


def with_name(definition: ScriptDefinition, name: str, other: str) -> ScriptDefinition:
    """The script with the other's name put instead of this one; a text that would get too long stays."""
    steps = tuple(_step_with_name(step, name, other) for step in definition.steps)
    return replace(definition, greeting=_renamed(definition.greeting, name, other), steps=steps)


def _step_with_name(step: Step, name: str, other: str) -> Step:
    if isinstance(step, Branch):
        return step
    text = _renamed(step.text, name, other)
    if isinstance(step, Ask):
        choices = tuple(replace(choice, label=_renamed(choice.label, name, other)) for choice in step.choices)
        return replace(step, text=text, choices=choices)
    return replace(step, text=text)


def _renamed(texts: Texts, name: str, other: str) -> Texts:
    changed = {language: put_instead(text, name, other) for language, text in texts.items()}
    return {language: text if len(text) <= SPOKEN_LIMIT else texts[language] for language, text in changed.items()}
