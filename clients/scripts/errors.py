from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

if TYPE_CHECKING:
    from clients.scripts.checking import Problem


class ScriptError(ValueError):
    """Something about a script that a person can put right."""


class DefinitionError(ScriptError):
    """Not a script; `path` says where, as "steps[2].answer"."""

    def __init__(self, path: str, sentence: str) -> None:
        super().__init__(f"{path}: {sentence}" if path else sentence)
        self.path = path
        self.sentence = sentence


class AnswerInvalid(ScriptError):
    """What was answered is not of the kind that the step asks for; a sentence for the agent."""


class EditingError(Exception):
    """Nothing was changed. `message` tells a person what happened and what to do."""

    message: str | Promise = ""

    def __str__(self) -> str:
        return str(self.message)


class DraftChanged(EditingError):
    """Somebody, by name if known, has saved the draft meanwhile."""

    def __init__(self, by: str = "") -> None:
        super().__init__()
        self.message = _("%(name)s has changed this draft meanwhile. Nothing was overwritten: look at it again.") % {
            "name": by or _("Somebody else")
        }


class DraftGone(EditingError):
    message = _lazy("This is no draft any more: it was published or discarded meanwhile.")


class ScriptDeleted(EditingError):
    message = _lazy("This script was deleted meanwhile.")


class DraftExists(EditingError):
    message = _lazy("There is another draft already. Publish or discard it first.")


class PublishInPast(EditingError):
    message = _lazy("Choose a time that is still to come.")


class ScriptHasProblems(EditingError):
    """`problems` are those that `check` found."""

    message = _lazy("The script cannot be published yet. What is to be put right stands beside each step.")

    def __init__(self, problems: "Sequence[Problem]") -> None:
        super().__init__()
        self.problems = problems
