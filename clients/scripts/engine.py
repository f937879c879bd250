"""The way through a script, by what has been answered so far."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from clients.scripts.actions import action_named
from clients.scripts.definition import (
    Act,
    AnswerType,
    Ask,
    Branch,
    Comparison,
    Condition,
    Say,
    ScriptDefinition,
    Step,
    Subject,
)

Answers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Facts:
    """What scripts may ask about a call; the same from its first second to its last.

    On a holiday the line is not open.
    """

    language: str
    is_open: bool = True
    is_known: bool = False
    caller_language: str = ""
    is_holiday: bool = False
    has_notice: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """Where a call stands in its script.

    `done` are the questions and actions on the way that are settled, in order; `says` what is to be read aloud
    since the last of them; `current` what is to be done now, None where the script runs out.
    """

    done: tuple[Ask | Act, ...]
    says: tuple[Say, ...]
    current: Ask | Act | None

    @property
    def is_at_end(self) -> bool:
        """Whether the way through is at an action that ends it."""
        action = action_named(self.current.action) if isinstance(self.current, Act) else None
        return action is not None and action.ends


def next_step(definition: ScriptDefinition, answers: Answers, facts: Facts) -> Ask | Act | None:
    """What is to be done now; see `Run`."""
    return run_script(definition, answers, facts).current


def run_script(definition: ScriptDefinition, answers: Answers, facts: Facts) -> Run:
    """Walk from the first step through all that is answered.

    `answers` holds values by the keys of steps, "" for what was skipped, anything for actions that are done. Answers
    of steps that the way does not touch any more are passed over. A loop ends the way instead of going round.
    """
    steps = {step.key: step for step in definition.steps}
    asks = {step.key: step for step in definition.steps if isinstance(step, Ask)}
    done: list[Ask | Act] = []
    says: list[Say] = []
    seen: set[str] = set()
    key = definition.steps[0].key if definition.steps else None
    while key is not None and key in steps and key not in seen:
        seen.add(key)
        step = steps[key]
        match step:
            case Say():
                says.append(step)
            case Ask() | Act():
                if key not in answers or _ends(step):
                    return Run(tuple(done), tuple(says), step)
                done.append(step)
                says.clear()
            case Branch():
                pass
        key = _lead(step, answers, facts, asks) or definition.following(key)
    return Run(tuple(done), tuple(says), None)


def _ends(step: Step) -> bool:
    action = action_named(step.action) if isinstance(step, Act) else None
    return action is not None and action.ends


def _lead(step: Step, answers: Answers, facts: Facts, asks: Mapping[str, Ask]) -> str:
    match step:
        case Ask():
            chosen = (choice.next for choice in step.choices if choice.value == answers[step.key])
            return next(chosen, "") or step.next
        case Branch():
            held = (case.next for case in step.cases if _all_hold(case.conditions, answers, facts, asks))
            return next(held, step.next)
        case _:
            return step.next


def _all_hold(conditions: Iterable[Condition], answers: Answers, facts: Facts, asks: Mapping[str, Ask]) -> bool:
    return all(_holds(condition, answers, facts, asks) for condition in conditions)


def _holds(condition: Condition, answers: Answers, facts: Facts, asks: Mapping[str, Ask]) -> bool:
    actual = _actual(condition, answers, facts)
    match condition.test:
        case Comparison.IS:
            return actual.casefold() == condition.value.casefold()
        case Comparison.IS_NOT:
            return actual.casefold() != condition.value.casefold()
        case Comparison.GIVEN:
            return bool(actual)
        case Comparison.MISSING:
            return not actual
        case Comparison.LESS | Comparison.MORE:
            ask = asks.get(condition.answer)
            return ask is not None and _is_beyond(condition, actual, ask.type)


def _actual(condition: Condition, answers: Answers, facts: Facts) -> str:
    match condition.subject:
        case Subject.ANSWER:
            return answers.get(condition.answer, "")
        case Subject.CALLER:
            return "known" if facts.is_known else "unknown"
        case Subject.HOURS:
            return "open" if facts.is_open else "closed"
        case Subject.DAY:
            return "holiday" if facts.is_holiday else "ordinary"
        case Subject.NOTICE:
            return "running" if facts.has_notice else "none"
        case Subject.LANGUAGE:
            return facts.language
        case Subject.CALLER_LANGUAGE:
            return facts.caller_language


def _is_beyond(condition: Condition, actual: str, answer_type: AnswerType) -> bool:
    """Numbers by size, dates by time; without an answer neither less nor more."""
    if not actual:
        return False
    is_less = condition.test == Comparison.LESS
    if answer_type == AnswerType.DATE:
        return actual < condition.value if is_less else actual > condition.value
    try:
        number, bound = Decimal(actual), Decimal(condition.value)
    except InvalidOperation:
        return False
    return number < bound if is_less else number > bound
