"""The router's decision in sentences, step by step."""

from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from answering.accounts.templatetags.formats import full_moment, phone
from calls.services.decision import Ground
from calls.services.explain import Explanation
from calls.states import EventKind


def sentences(explained: Explanation) -> list[str]:
    """What happens, in the order in which it is decided; times in the zone of the line's calendar."""
    with timezone.override(ZoneInfo(explained.line.calendar.time_zone)):
        steps = [_line_is_found(explained)]
        if explained.verdict is None:
            return steps
        return [*steps, _caller_is(explained), *_decided(explained)]


def _line_is_found(explained: Explanation) -> str:
    line = explained.line
    if explained.verdict is not None:
        return _("The line “%(line)s” of %(client)s is in use.") % {"line": line.name, "client": line.client.name}
    if line.client.closed_at is not None:
        return _("%(client)s is closed, so its lines are not answered.") % {"client": line.client.name}
    return _("The line “%(line)s” is not in use, so calls to it are not answered.") % {"line": line.name}


def _caller_is(explained: Explanation) -> str:
    if explained.number is None:
        return _("The caller’s number is withheld or cannot be one: nobody is recognised.")
    if explained.caller is None:
        return _("%(number)s has not called before: nobody is recognised.") % {"number": phone(explained.number)}
    return _("The caller is recognised by number: %(caller)s.") % {
        "caller": explained.caller.name or phone(explained.number)
    }


def _decided(explained: Explanation) -> list[str]:
    verdict, line = explained.verdict, explained.line
    assert verdict is not None  # noqa: S101 - asked before
    values = {"calendar": line.calendar.name, "moment": full_moment(explained.moment)}
    grounds = {
        Ground.BLOCKED: _("This caller is never to be connected."),
        Ground.ALWAYS_CONNECTED: _("This caller is always to be connected, whatever the hours."),
        Ground.IN_HOURS: _("%(moment)s is within the hours of the calendar “%(calendar)s”.") % values,
        Ground.OUT_OF_HOURS: _("%(moment)s is outside the hours of the calendar “%(calendar)s”.") % values,
        Ground.WITHOUT_HOURS: _("The calendar “%(calendar)s” has no hours, so the line is never open.") % values,
    }
    if verdict.kind == EventKind.BLOCKED:
        return [grounds[verdict.ground], _("The call is rejected. No agent sees it and nothing is charged.")]
    if verdict.kind == EventKind.LINE_CLOSED:
        opens = _("It opens again: %(moment)s.") % {"moment": full_moment(verdict.opens_at)}
        hears = _("The caller hears that the line is closed, and a call-back is owed to them.")
        return [grounds[verdict.ground], hears, *([opens] if verdict.opens_at else [])]
    return [grounds[verdict.ground], *_waiting(explained)]


def _waiting(explained: Explanation) -> list[str]:
    line, version = explained.line, explained.script_version
    values = {"language": line.get_language_display(), "count": explained.agents}
    agents = ngettext(
        "%(count)s agent is cleared for the client and speaks the language of the line (%(language)s).",
        "%(count)s agents are cleared for the client and speak the language of the line (%(language)s).",
        explained.agents,
    )
    waits = _("Offered to the one free longest, after %(interval)s s to the next one as well, for %(limit)s s.") % {
        "interval": round(line.offer_interval.total_seconds()),
        "limit": round(line.waiting_limit.total_seconds()),
    }
    says = (
        _("The agent reads version %(number)s of the script “%(script)s”.")
        % {"number": version.number, "script": line.script.name}
        if version is not None
        else _("The script “%(script)s” has no published version: the agent has nothing to read.")
        % {"script": line.script.name}
    )
    gives_up = _("If nobody takes the call by then, the caller hears an apology and a call-back is owed to them.")
    return [agents % values, waits, says, gives_up]
