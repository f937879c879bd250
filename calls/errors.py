"""What can be wrong with a request to a call; each is said to the person in their language."""

from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class CallError(Exception):
    """Nothing was changed. `message` tells a person what happened and what to do."""

    message: str | Promise = _("That is not possible now.")

    def __str__(self) -> str:
        return str(self.message)


class LineUnknown(CallError):
    message = _("There is no such line.")


class LineClosed(CallError):
    """The line answers at other hours; `opens_at` is the next opening, or None."""

    message = _("This line is closed now.")

    def __init__(self, opens_at: datetime | None = None) -> None:
        super().__init__()
        self.opens_at = opens_at


class LineBusy(CallError):
    message = _("All lines are busy. Please try again in a few minutes.")


class TooManyCalls(CallError):
    message = _("Too many calls from this connection. Please try again in a few minutes.")


class CallTaken(CallError):
    message = _("Another agent was first.")


class CallGone(CallError):
    message = _("The call is over.")


class AgentBusy(CallError):
    message = _("You are in a call already.")


class NotCleared(CallError):
    message = _("You are not cleared for this client.")


class NotYourCall(CallError):
    message = _("This call is with somebody else.")


class WrongState(CallError):
    message = _("The call is not in a state that allows this.")


class ConsoleReplaced(CallError):
    message = _("This console was opened in another window, which has taken over.")


class NotSupported(CallError):
    message = _("This carrier cannot do that.")


class StepUnknown(CallError):
    message = _("The script of this call has no such step.")


class CallerOfAnother(CallError):
    message = _("This is not a caller of this client, or they have been merged with another since.")


class NumberKnown(CallError):
    message = _("This number belongs to another known caller. It can be merged at the desk; nothing was changed.")


class SeparatedAlready(CallError):
    message = _("These callers have been separated already.")


class MergedOn(CallError):
    message = _("One of these callers has been merged again since. Undo the later merge first.")


class ChangedSince(CallError):
    """`fields` names what has been changed of the caller since the merge."""

    message = _("The caller has been changed since the merge.")

    def __init__(self, fields: tuple[str, ...]) -> None:
        super().__init__()
        self.fields = fields


class AnswerRefused(CallError):
    """The answer is not of the kind that was asked for; `message` says which."""

    def __init__(self, message: str) -> None:
        super().__init__()
        self.message = message


class ScriptInUse(CallError):
    message = _("This script is in use. Give its lines another one first, and let its calls end.")
