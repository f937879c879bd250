"""Strict reading of JSON: each value has its type, nothing unknown is passed over, each refusal says where.

Read to be shown again, everything that can be is kept as it came, and the refusals are gathered instead of raised.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from clients.scripts.errors import DefinitionError

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class Reader:
    """One JSON object at its place in the document; `refused`, if there is such a list, gets every refusal."""

    def __init__(self, data: object, path: str, refused: list[DefinitionError] | None = None) -> None:
        self.path = path
        self._refused = refused
        self._data: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
        if not isinstance(data, Mapping):
            self._refuse(path, _("An object is expected here."))

    def refuse(self, name: str, sentence: str) -> None:
        """Say that what stands under this name cannot be so. Raises DefinitionError unless refusals are gathered."""
        self._refuse(self.at(name), sentence)

    def _refuse(self, path: str, sentence: str) -> None:
        error = DefinitionError(path, sentence)
        if self._refused is None:
            raise error
        self._refused.append(error)

    def at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def only(self, *names: str) -> None:
        """Refuse what is none of these."""
        for name in self._data:
            if name not in names:
                self.refuse(str(name), _("This is not known here."))

    def text(self, name: str, *, limit: int = 120, default: str | None = None) -> str:
        value = self._data.get(name, default)
        if not isinstance(value, str):
            self.refuse(name, _("A text is expected here."))
            return ""
        if len(value) > limit:
            self.refuse(name, _("At most %(count)s characters.") % {"count": limit})
        if "\x00" in value:
            self.refuse(name, _("There is a character here that cannot be kept."))
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        value = self._data.get(name, default)
        if not isinstance(value, bool):
            self.refuse(name, _("Yes or no is expected here."))
            return default
        return value

    def one_of(self, name: str, kind: type[E]) -> E:
        value = self.text(name)
        if value not in set(kind):
            self.refuse(name, _("One of these is expected: %(allowed)s.") % {"allowed": ", ".join(kind)})
            return next(iter(kind))
        return kind(value)

    def child(self, name: str) -> "Reader":
        return Reader(self._data.get(name, {}), self.at(name), self._refused)

    def items(self, name: str, read: Callable[["Reader"], T], *, limit: int) -> tuple[T, ...]:
        """A list of objects, each read by `read`."""
        found = self._data.get(name, [])
        if not isinstance(found, list):
            self.refuse(name, _("A list is expected here."))
            return ()
        if len(found) > limit:
            self.refuse(name, _("At most %(count)s of these.") % {"count": limit})
        at = self.at(name)
        return tuple(read(Reader(each, f"{at}[{place}]", self._refused)) for place, each in enumerate(found))

    def names(self) -> tuple[str, ...]:
        return tuple(str(name) for name in self._data)
