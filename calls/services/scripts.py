"""A script is deleted once nothing uses it any more."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from answering.lib import clock
from calls.errors import ScriptInUse
from calls.models import Call
from calls.states import LIVE_STATES, CallState
from clients.models import Line, Script
from clients.services.revisions import claim_revision
from clients.services.scripts import lock_script


@dataclass(frozen=True, slots=True)
class ScriptUses:
    """What uses a script now: lines, in use or not, and how many calls that are not closed yet."""

    lines: list[Line]
    running_calls: int

    def __bool__(self) -> bool:
        return bool(self.lines or self.running_calls)


def uses_of_script(script: Script) -> ScriptUses:
    """Two queries."""
    is_running = Q(state__in=LIVE_STATES) | Q(state=CallState.WRAP_UP)  # each of the two has its index
    running = Call.objects.filter(is_running, script_version__script=script)
    return ScriptUses(list(Line.objects.reading(script).order_by("name", "pk")), running.count())


def delete_script(script: Script, *, revision: int) -> None:
    """Nobody finds the script any more; its versions stay for the calls that ran on them.

    Raises ScriptInUse, ScriptDeleted, ChangedMeanwhile.
    """
    with transaction.atomic():
        lock_script(script)
        claim_revision(script, seen=revision)
        if uses_of_script(script):
            raise ScriptInUse
        script.deleted_at = clock.now()
        script.save(update_fields=["deleted_at"])
