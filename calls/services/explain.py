"""What would become of a call: the router's own decision, with what it was made of."""

from dataclasses import dataclass
from datetime import datetime

from answering.accounts.models import Agent
from calls.models import Caller
from calls.services.callers import e164
from calls.services.decision import Verdict, decide, stands
from clients.models import Line, Notice, Script, ScriptVersion
from clients.skills import with_skills_for


@dataclass(frozen=True, slots=True)
class Explanation:
    """`number` is E.164, None for one that is withheld or none; `verdict` is None for a line that is not in use.

    `own_script` is what the line has for the situation, None where the usual one is read; `script_version` what is in
    force. `agents` counts who is cleared for the client, speaks the line's language and has its `skills`, whether they
    work then or not; `others` who has all but the skills.
    """

    line: Line
    moment: datetime
    number: str | None
    caller: Caller | None
    verdict: Verdict | None
    notices: list[Notice]
    own_script: Script | None
    script_version: ScriptVersion | None
    skills: list[str]
    agents: int
    others: int


def explain_call(line: Line, *, number: str, moment: datetime) -> Explanation:
    """Decide as `receive_call` would for a call at this moment from this number; nothing is written. Ten queries."""
    parsed = e164(number, "") or e164(number, line.client.country)
    numbers = Caller.objects.select_related("merged_into").filter(client=line.client_id)
    found = numbers.filter(number=parsed).first() if parsed else None
    caller = found.kept if found is not None else None
    answered = Line.objects.answered().filter(pk=line.pk).first()
    notices = list(Notice.objects.running(moment).on_line(line))
    notice_until = max((notice.ends_at for notice in notices), default=None)
    standing = stands(answered or line, moment, notice_until=notice_until)
    able = Agent.objects.cleared_for(line.client_id).speaking(line.language)
    skilled = with_skills_for(able, line.pk).count()
    own = Script.objects.filter(pk=line.own_script_in(standing.situation) or 0).first()
    return Explanation(
        line=line,
        moment=moment,
        number=parsed,
        caller=caller,
        verdict=decide(answered, caller, standing) if answered is not None else None,
        notices=notices,
        own_script=own,
        script_version=(own.current_version() if own else None) or line.script.current_version(),
        skills=[skill.name for skill in line.skills.order_by("sort_key", "pk")],
        agents=skilled,
        others=able.count() - skilled,
    )
