"""Merge fields of scripts: "{client.name}" becomes the client's name. Pure, never an exception."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_FIELD = re.compile(r"\{\s{0,3}([A-Za-z][A-Za-z0-9_.]{0,60})\s{0,3}\}")


@dataclass(frozen=True, slots=True)
class MergePart:
    """A stretch of a merged text.

    Plain words have no `field`. A field that is known but has no value yet is `is_blank`, its text is empty.
    A field that nobody knows is `is_unknown` and keeps its braces, so that the mistake is seen.
    """

    text: str
    field: str = ""
    is_unknown: bool = False

    @property
    def is_blank(self) -> bool:
        return bool(self.field) and not self.text


def merge(text: str, values: Mapping[str, str]) -> tuple[MergePart, ...]:
    """The text with its fields replaced by their values, in parts, so that a page can mark what is missing."""
    return tuple(part for part in _parts(text, values) if part.text or part.field)


def fields_of(text: str) -> tuple[str, ...]:
    """The names of the fields in a text, as often as they occur."""
    return tuple(match[1].lower() for match in _FIELD.finditer(text))


def _parts(text: str, values: Mapping[str, str]) -> Iterator[MergePart]:
    position = 0
    for match in _FIELD.finditer(text):
        yield MergePart(text[position : match.start()])
        name = match[1].lower()
        yield MergePart(values[name].strip(), name) if name in values else MergePart(match[0], name, is_unknown=True)
        position = match.end()
    yield MergePart(text[position:])


def merged_text(text: str, values: Mapping[str, str]) -> str:
    """The same as plain text; what is missing shows as an ellipsis."""
    return "".join("…" if part.is_blank else part.text for part in merge(text, values))
