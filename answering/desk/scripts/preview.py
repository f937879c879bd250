"""A draft tried out as the agent sees it: the console's own panel, with answers that nobody keeps."""

from collections.abc import Mapping
from dataclasses import replace

from django.utils.translation import gettext as _

from answering.accounts.models import Agent, User
from answering.lib import clock
from calls.models import Call, ScriptAnswer
from calls.script_panel import ScriptPanel
from calls.scripting import call_script_with
from clients.models import Line, Notice, Script
from clients.scripts import Act, AnswerInvalid, Ask, Facts, ScriptDefinition, read_answer, show_answer

DONE = "done"


def read_tried(
    script: Script, definition: ScriptDefinition, tried: Mapping[str, str], step_key: str, given: str
) -> dict[str, str]:
    """The answers with one more. Raises AnswerInvalid."""
    step = definition.step(step_key)
    if isinstance(step, Act):
        return {**tried, step_key: DONE}
    if isinstance(step, Ask):
        return {**tried, step_key: read_answer(step, given, region=script.client.country)}
    return dict(tried)


USUAL_CALL = {"hours": "open", "notice": "none", "caller": "unknown"}


def facts_tried(asked: Mapping[str, str]) -> Facts:
    """The kind of call that was asked for."""
    return Facts(
        asked["language"],
        is_open=asked["hours"] == "open",
        is_known=asked["caller"] == "known",
        is_holiday=asked["hours"] == "holiday",
        has_notice=asked["notice"] == "running",
    )


def _notice(script: Script, facts: Facts) -> str:
    """What a notice of the client's says that runs now; without one, words in its place."""
    if not facts.has_notice:
        return ""
    running = Notice.objects.filter(client=script.client).running(clock.now()).first()
    return running.text if running is not None else _("(the text of the notice)")


def preview_panel(
    script: Script, definition: ScriptDefinition, tried: Mapping[str, str], facts: Facts, user: User, url: str
) -> ScriptPanel:
    """The panel of a call that does not exist, on the script's first line."""
    line = Line.objects.reading(script).order_by("pk").first() or Line(client=script.client, name=str(script))
    line.language = facts.language
    call = Call(client=script.client, line=line, started_at=clock.now())
    answers = [
        ScriptAnswer(step_key=key, value=value, shown=_shown(definition, key, value, facts.language))
        for key, value in tried.items()
    ]
    run = call_script_with(definition, facts, call, Agent(user=user), "", answers, _notice(script, facts))
    return ScriptPanel(call, facts.language, url, run)


def refused(panel: ScriptPanel, step_key: str, typed: str, error: AnswerInvalid) -> ScriptPanel:
    """The panel with what was typed and why it does not fit."""
    return replace(panel, wrong_step=step_key, typed=typed, error=str(error))


def _shown(definition: ScriptDefinition, key: str, value: str, language: str) -> str:
    step = definition.step(key)
    return show_answer(step, value, language) if isinstance(step, Ask) else ""
