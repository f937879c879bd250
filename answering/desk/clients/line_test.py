"""The router's decision in sentences, step by step."""

from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from answering.accounts.templatetags.formats import full_moment, phone
from calls.services.decision import Ground, Standing
from calls.services.explain import Explanation
from calls.states import EventKind
from clients.models import Situation


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
    verdict = explained.verdict
    assert verdict is not None  # noqa: S101 - asked before
    if verdict.ground == Ground.BLOCKED:
        blocked = _("This caller is never to be connected.")
        return [blocked, _("The call is rejected. No agent sees it and nothing is charged.")]
    stands = [_situation(explained, verdict.standing)]
    if verdict.ground == Ground.ALWAYS_CONNECTED:
        stands.append(_("This caller is always to be connected, whatever the hours."))
    elif verdict.kind == EventKind.QUEUED and verdict.standing.situation != Situation.IN_HOURS:
        stands.append(_("On this line agents answer in this situation."))
    if verdict.kind == EventKind.QUEUED:
        return [*stands, *_waiting(explained)]
    hears = _("The caller hears that the line is closed, and a call-back is owed to them.")
    opens = _("It opens again: %(moment)s.") % {"moment": full_moment(verdict.standing.opens_at)}
    return [*stands, hears, *([opens] if verdict.standing.opens_at else [])]


def _situation(explained: Explanation, standing: Standing) -> str:
    """Which situation it is, and why."""
    values = {"calendar": explained.line.calendar.name, "moment": full_moment(explained.moment)}
    if not standing.has_hours:
        return _("The calendar “%(calendar)s” has no hours, so the line is never open.") % values
    if standing.situation == Situation.NOTICE:
        values |= {"notice": explained.notices[0].text}
        return _("%(moment)s is within the hours of “%(calendar)s”, and a notice is in force: %(notice)s") % values
    sentences = {
        Situation.IN_HOURS: _("%(moment)s is within the hours of the calendar “%(calendar)s”."),
        Situation.AFTER_HOURS: _("%(moment)s is outside the hours of the calendar “%(calendar)s”."),
        Situation.HOLIDAY: _("%(moment)s is outside the hours of the calendar “%(calendar)s”: that day is a holiday."),
    }
    return sentences[standing.situation] % values


def _waiting(explained: Explanation) -> list[str]:
    line = explained.line
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
    gives_up = _("If nobody takes the call by then, the caller hears an apology and a call-back is owed to them.")
    return [agents % values, *_skills(explained), waits, *_script(explained), gives_up]


def _skills(explained: Explanation) -> list[str]:
    """What the line requires of its agents, and when it does without."""
    wait = explained.line.skills_wait
    if not explained.skills:
        return []
    required = _("They have what the line requires: %(skills)s.") % {"skills": ", ".join(explained.skills)}
    if wait is None:
        return [required, _("Nobody without these skills is asked, however long the caller waits.")]
    waived = ngettext(
        "After %(wait)s s of waiting %(count)s agent without these skills is asked too.",
        "After %(wait)s s of waiting %(count)s agents without these skills are asked too.",
        explained.others,
    )
    return [required, waived % {"wait": round(wait.total_seconds()), "count": explained.others}]


def _script(explained: Explanation) -> list[str]:
    """Which script is read, and why not another."""
    own, version = explained.own_script, explained.script_version
    sentences = []
    if own is not None and (version is None or version.script_id != own.pk):
        sentences.append(
            _("The script of this situation, “%(script)s”, has no published version: the usual one is read.")
            % {"script": own.name}
        )
    usual = explained.line.script
    if version is None:
        nothing = _("The script “%(script)s” has no published version: the agent has nothing to read.")
        return [*sentences, nothing % {"script": usual.name}]
    read = own if own is not None and version.script_id == own.pk else usual
    said = _("The agent reads version %(number)s of the script “%(script)s”.")
    return [*sentences, said % {"number": version.number, "script": read.name}]
