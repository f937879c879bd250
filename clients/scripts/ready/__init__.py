"""Scripts to begin with, for usual trades, complete in four languages; data files beside this module."""

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from clients.scripts.definition import Ask, ScriptDefinition, Texts, in_language

TRADES = ("health", "retail", "services", "law", "trades")


@dataclass(frozen=True, slots=True)
class ReadyScript:
    """A script of a trade; `names` are those of its answers, by their keys."""

    trade: str
    title: Texts
    names: dict[str, Texts]
    definition: ScriptDefinition

    def title_in(self, language: str) -> str:
        return in_language(self.title, language)

    def definition_for(self, language: str) -> ScriptDefinition:
        """The script in all its languages, its answers named in that of the client."""
        steps = self.definition.steps
        named = (
            replace(step, name=in_language(self.names[step.key], language)) if isinstance(step, Ask) else step
            for step in steps
        )
        return self.definition.with_steps(tuple(named))


@lru_cache(maxsize=1)
def ready_scripts() -> tuple[ReadyScript, ...]:
    """All of them, in the order in which they are offered."""
    return tuple(_read(trade) for trade in TRADES)


def _read(trade: str) -> ReadyScript:
    data = json.loads((Path(__file__).parent / f"{trade}.json").read_text("utf-8"))
    return ReadyScript(trade, data["title"], data["names"], ScriptDefinition.from_dict(data["script"]))
