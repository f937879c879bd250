"""What a step of a script can do. Whoever can do something registers it; a script only names it."""

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class ScriptAction:
    """An action by its name in scripts.

    `command` is what the console's page does at its button; `key` that button's key, if it has one.
    An action that `ends` is the last step of its way through the script.
    """

    name: str
    label: Promise
    command: str
    key: str = ""
    ends: bool = False


_actions: dict[str, ScriptAction] = {}


def register_action(action: ScriptAction) -> None:
    """Make an action known to scripts; from `AppConfig.ready()`. The same name again replaces it."""
    _actions[action.name] = action


def action_named(name: str) -> ScriptAction | None:
    return _actions.get(name)


def all_actions() -> tuple[ScriptAction, ...]:
    """Every action in the order in which they were registered."""
    return tuple(_actions.values())
