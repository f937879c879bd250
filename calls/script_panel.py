"""The script of one call as the agent goes through it: what to say now, what was answered, where it leads."""

from dataclasses import dataclass
from functools import cached_property

from answering.accounts.models import Agent
from calls.etiquette import Moment, advice_for
from calls.models import Call, ScriptAnswer
from calls.scripting import CallScript, call_script
from clients.merge import MergePart
from clients.scripts import Act, AnswerType, Ask, ScriptAction, action_named, show_answer
from clients.scripts.definition import Texts

INPUTS = {
    AnswerType.DATE: ("text", "numeric"),
    AnswerType.NUMBER: ("text", "decimal"),
    AnswerType.PHONE: ("tel", "tel"),
    AnswerType.EMAIL: ("email", "email"),
}


@dataclass(frozen=True, slots=True)
class Option:
    """A choice with its number key."""

    value: str
    label: str
    key: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class StepView:
    """A question or an action with its words and what was given for it, which may be still half typed."""

    step: Ask | Act
    words: tuple[MergePart, ...]
    options: list[Option]
    value: str
    shown: str
    action: ScriptAction | None = None
    error: str = ""

    @property
    def is_ask(self) -> bool:
        return isinstance(self.step, Ask)

    @property
    def is_long(self) -> bool:
        return isinstance(self.step, Ask) and self.step.type == AnswerType.TEXT

    @property
    def input_type(self) -> str:
        return INPUTS.get(self.step.type, ("text", "text"))[0] if isinstance(self.step, Ask) else ""

    @property
    def input_mode(self) -> str:
        return INPUTS.get(self.step.type, ("text", "text"))[1] if isinstance(self.step, Ask) else ""

    @property
    def is_date(self) -> bool:
        return isinstance(self.step, Ask) and self.step.type == AnswerType.DATE


@dataclass(frozen=True)
class ScriptPanel:
    """The script of a call; `script` is None for a call that began without one. Answers go to `url`."""

    call: Call
    language: str
    url: str
    script: CallScript | None = None
    caller_name: str = ""
    wrong_step: str = ""
    typed: str = ""
    error: str = ""

    @property
    def greeting(self) -> tuple[MergePart, ...]:
        return self.script.words(self.script.definition.greeting) if self.script else ()

    @property
    def says(self) -> list[tuple[MergePart, ...]]:
        """What is to be read aloud before the current step."""
        return [self.script.words(say.text) for say in self.script.run.says] if self.script else []

    @cached_property
    def done(self) -> list[StepView]:
        return [self._view(step) for step in self.script.run.done] if self.script else []

    @cached_property
    def current(self) -> StepView | None:
        step = self.script.run.current if self.script else None
        return self._view(step) if step else None

    @property
    def answers_count(self) -> int:
        return sum(view.is_ask for view in self.done)

    @property
    def revision(self) -> int:
        """What the page counts on from."""
        answers = self.script.answers.values() if self.script else ()
        return max((answer.revision for answer in answers), default=0) + 1

    @property
    def advice(self) -> list[str]:
        """How to say it, where it helps; nothing for clients who do without."""
        if not self.call.client.shows_etiquette or self.script is None:
            return []
        current = self.current
        moment = Moment(
            is_beginning=not self.done,
            knows_name=bool(self.caller_name),
            is_writing=bool(current and current.action and current.action.command == "write"),
            is_ending=self.script.run.is_at_end,
        )
        return advice_for(moment)

    def _view(self, step: Ask | Act) -> StepView:
        assert self.script is not None  # noqa: S101 - steps come from it
        answer = self.script.answers.get(step.key)
        is_wrong = step.key == self.wrong_step
        value = self.typed if is_wrong else answer.value if answer else ""
        return StepView(
            step,
            self._words(step.text),
            self._options(step, answer),
            value,
            answer.shown if answer else "",
            action_named(step.action) if isinstance(step, Act) else None,
            self.error if is_wrong else "",
        )

    def _words(self, texts: Texts) -> tuple[MergePart, ...]:
        return self.script.words(texts) if self.script else ()

    def _options(self, step: Ask | Act, answer: ScriptAnswer | None) -> list[Option]:
        if not isinstance(step, Ask):
            return []
        chosen = answer.value if answer and answer.is_given else None
        return [
            Option(each.value, show_answer(step, each.value, self.language), str(place), each.value == chosen)
            for place, each in enumerate(step.choices, start=1)
        ]


def read_panel(
    call: Call,
    agent: Agent,
    caller_name: str,
    *,
    url: str,
    notice: str = "",
    wrong_step: str = "",
    typed: str = "",
    error: str = "",
) -> ScriptPanel:
    """The panel of this call; one query, none without a script.

    The call comes with its line, client, caller and script version. What was refused is shown as it was typed.
    """
    answers = call.answers.all() if call.script_version_id else ()
    script = call_script(call, agent, caller_name, answers, notice)
    return ScriptPanel(call, call.line.language, url, script, caller_name, wrong_step, typed, error)


def is_call_back(panel: ScriptPanel) -> bool:
    """Whether a call-back was promised on the way."""
    return any(isinstance(view.step, Act) and view.step.action == "call_back" for view in panel.done)
