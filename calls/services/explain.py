"""What would become of a call: the router's own decision, with what it was made of."""

from dataclasses import dataclass
from datetime import datetime

from answering.accounts.models import Agent
from calls.models import Caller
from calls.services.callers import e164
from calls.services.decision import Verdict, decide
from clients.models import Line, ScriptVersion


@dataclass(frozen=True, slots=True)
class Explanation:
    """`number` is E.164, None for one that is withheld or none; `verdict` is None for a line that is not in use.

    `agents` counts who is cleared for the client and speaks the line's language, whether they work then or not.
    """

    line: Line
    moment: datetime
    number: str | None
    caller: Caller | None
    verdict: Verdict | None
    script_version: ScriptVersion | None
    agents: int


def explain_call(line: Line, *, number: str, moment: datetime) -> Explanation:
    """Decide as `receive_call` would for a call at this moment from this number; nothing is written. Five queries."""
    parsed = e164(number, "") or e164(number, line.client.country)
    numbers = Caller.objects.select_related("merged_into").filter(client=line.client_id)
    found = numbers.filter(number=parsed).first() if parsed else None
    caller = found.kept if found is not None else None
    answered = Line.objects.answered().filter(pk=line.pk).first()
    return Explanation(
        line=line,
        moment=moment,
        number=parsed,
        caller=caller,
        verdict=decide(answered, caller, moment) if answered is not None else None,
        script_version=line.script.current_version(),
        agents=Agent.objects.cleared_for(line.client_id).speaking(line.language).count(),
    )
