"""What has been done to a caller's record, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from answering.accounts.models import Language
from answering.accounts.templatetags.formats import moment, phone
from calls.models import Caller, CallerChange, CallerChangeKind

CHANGES_SHOWN = 20
LABELS = {
    "name": gettext_lazy("Name"),
    "language": gettext_lazy("Language"),
    "note": gettext_lazy("Note"),
    "is_blocked": gettext_lazy("blocked"),
    "is_always_connected": gettext_lazy("always connect"),
    "care_reason": gettext_lazy("handle with care, because"),
    "care_until": gettext_lazy("handle with care until"),
}


@dataclass(frozen=True, slots=True)
class LoggedChange:
    """One line of the log; `can_be_undone` is a merge that nobody has undone."""

    change: CallerChange
    details: list[str]
    can_be_undone: bool


def changes_of(caller: Caller) -> list[LoggedChange]:
    """The last changes of a caller, the latest first; two queries."""
    found = caller.changes.select_related("user", "call", "undone_by").order_by("-changed_at", "-pk")
    changes = list(found[:CHANGES_SHOWN])
    moved = {int(pk) for change in changes for pk in change.moved}
    numbers = dict(Caller.objects.filter(pk__in=moved).values_list("pk", "number")) if moved else {}
    return [LoggedChange(each, _details(each, numbers), _can_be_undone(each)) for each in changes]


def field_label(name: str) -> str:
    return str(LABELS[name])


def _can_be_undone(change: CallerChange) -> bool:
    return change.kind == CallerChangeKind.MERGED and not hasattr(change, "undone_by")


def _details(change: CallerChange, numbers: dict[int, Any]) -> list[str]:
    if change.kind == CallerChangeKind.LINKED:
        return [_("in the call of %(moment)s") % {"moment": moment(change.call.started_at)}] if change.call else []
    given = [phone(numbers[int(pk)]) for pk in change.moved if int(pk) in numbers]
    return [*given, *_differences(change)]


def _differences(change: CallerChange) -> Iterable[str]:
    for name, label in LABELS.items():
        if name in change.before:
            yield f"{label}: {_in_words(name, change.before[name])} → {_in_words(name, change.after[name])}"


def _in_words(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name == "care_until" and value:
        return moment(parse_datetime(value))
    if name == "language" and value in Language.values:
        return str(Language(value).label)
    return str(value or "–")
