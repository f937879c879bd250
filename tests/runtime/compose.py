"""docker-compose.yml as Docker would understand it, with the variables of an `.env`."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from answering.runtime.addresses import CHECKOUT

SECRETS = {"SECRET_KEY": "k3-" + "q7Zr" * 16, "POSTGRES_PASSWORD": "0f1e2d3c4b5a6978"}
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?:(?P<sign>:-|:\?)(?P<rest>[^${}]*))?\}")
LINE = re.compile(r"^(?P<comment>#?)(?P<name>[A-Z][A-Z0-9_]*)=(?P<value>.*)$", re.MULTILINE)


class Missing(Exception):
    """A variable that must be given is not."""


@dataclass(frozen=True)
class Example:
    """`.env.example`: what stands in it, and what is there to be uncommented."""

    given: dict[str, str]
    offered: dict[str, str]


def example() -> Example:
    """The file as it is, secrets empty."""
    lines = LINE.findall((CHECKOUT / ".env.example").read_text())
    values = [(bool(comment), name, value.strip("'")) for comment, name, value in lines]
    return Example(
        given={name: value for is_comment, name, value in values if not is_comment},
        offered={name: value for is_comment, name, value in values if is_comment},
    )


def filled_in() -> dict[str, str]:
    """An `.env` as an operator makes it."""
    return example().given | SECRETS


def interpolated(text: str, variables: Mapping[str, str]) -> str:
    """The text with its variables (Compose specification, "Interpolation"); raises Missing."""
    while found := VARIABLE.search(text):
        value = variables.get(found["name"]) or ""
        if not value and found["sign"] == ":?":
            raise Missing(found["name"])
        text = text[: found.start()] + (value or found["rest"] or "") + text[found.end() :]
    return text


def variables_in(text: str) -> set[str]:
    """The names of all variables, those inside defaults too."""
    return set(re.findall(r"\$\{(\w+)", text))


@dataclass(frozen=True)
class Service:
    """One service; its parts are what the file says, anchors and merges resolved."""

    name: str
    parts: dict[str, Any]

    def command(self, variables: Mapping[str, str]) -> list[str]:
        """What it runs, in words."""
        return shlex.split(interpolated(str(self.parts["command"]), variables))

    def environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        """What it runs with: the file's own values count more than `.env`."""
        own = {name: interpolated(str(value), variables) for name, value in self.parts.get("environment", {}).items()}
        return (dict(variables) if self.parts.get("env_file") else {}) | own

    @property
    def is_ours(self) -> bool:
        """Does it run Alio's own image?"""
        return "ALIO_IMAGE" in self.parts["image"]

    @property
    def health_command(self) -> list[str]:
        """What tells whether it is well, in words."""
        kind, *words = self.parts["healthcheck"]["test"]
        assert kind == "CMD"
        return [str(word) for word in words]


def text() -> str:
    """The file as it is."""
    return (CHECKOUT / "docker-compose.yml").read_text()


def document() -> dict[str, Any]:
    """The file as data, variables as they are written."""
    found: dict[str, Any] = yaml.safe_load(text())
    return found


def services() -> dict[str, Service]:
    """All services by name."""
    return {name: Service(name, parts) for name, parts in document()["services"].items()}
