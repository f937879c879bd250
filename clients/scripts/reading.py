"""Strict reading of JSON: each value has its type, nothing unknown is passed over, each refusal says where."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from clients.scripts.errors import DefinitionError

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class Reader:
    """One JSON object at its place in the document."""

    def __init__(self, data: object, path: str) -> None:
        if not isinstance(data, Mapping):
            raise DefinitionError(path, _("An object is expected here."))
        self.path = path
        self._data: Mapping[str, Any] = data

    def at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def only(self, *names: str) -> None:
        """Refuse what is none of these."""
        for name in self._data:
            if name not in names:
                raise DefinitionError(self.at(str(name)), _("This is not known here."))

    def text(self, name: str, *, limit: int = 120, default: str | None = None) -> str:
        value = self._data.get(name, default)
        if not isinstance(value, str):
            raise DefinitionError(self.at(name), _("A text is expected here."))
        if len(value) > limit:
            raise DefinitionError(self.at(name), _("At most %(count)s characters.") % {"count": limit})
        if "\x00" in value:
            raise DefinitionError(self.at(name), _("There is a character here that cannot be kept."))
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        value = self._data.get(name, default)
        if not isinstance(value, bool):
            raise DefinitionError(self.at(name), _("Yes or no is expected here."))
        return value

    def one_of(self, name: str, kind: type[E]) -> E:
        value = self.text(name)
        if value not in set(kind):
            allowed = ", ".join(kind)
            raise DefinitionError(self.at(name), _("One of these is expected: %(allowed)s.") % {"allowed": allowed})
        return kind(value)

    def child(self, name: str) -> "Reader":
        return Reader(self._data.get(name, {}), self.at(name))

    def items(self, name: str, read: Callable[["Reader"], T], *, limit: int) -> tuple[T, ...]:
        """A list of objects, each read by `read`."""
        found = self._data.get(name, [])
        if not isinstance(found, list):
            raise DefinitionError(self.at(name), _("A list is expected here."))
        if len(found) > limit:
            raise DefinitionError(self.at(name), _("At most %(count)s of these.") % {"count": limit})
        return tuple(read(Reader(each, f"{self.at(name)}[{place}]")) for place, each in enumerate(found))

    def names(self) -> tuple[str, ...]:
        return tuple(str(name) for name in self._data)
