"""Scripts made at random, sound and unsound."""

from dataclasses import replace

from hypothesis import strategies as st

from clients.scripts import (
    Act,
    AnswerType,
    Ask,
    Branch,
    Case,
    Choice,
    Comparison,
    Condition,
    Facts,
    Say,
    ScriptDefinition,
    Subject,
    check,
)
from clients.scripts.definition import Step

LANGUAGES = ("lv", "el")
spoken = st.text(st.characters(codec="utf-8", exclude_characters="{}\x00"), min_size=1, max_size=12).filter(
    lambda text: bool(text.strip())
)
texts = st.fixed_dictionaries({language: spoken.map(str.strip) for language in LANGUAGES})
facts = st.builds(
    Facts,
    language=st.sampled_from(LANGUAGES),
    is_open=st.booleans(),
    is_known=st.booleans(),
    caller_language=st.sampled_from(("", *LANGUAGES)),
    is_holiday=st.booleans(),
    has_notice=st.booleans(),
)
fact_conditions = st.sampled_from(
    [
        Condition(Subject.CALLER, Comparison.IS, "known"),
        Condition(Subject.HOURS, Comparison.IS_NOT, "open"),
        Condition(Subject.DAY, Comparison.IS, "holiday"),
        Condition(Subject.NOTICE, Comparison.IS, "running"),
        Condition(Subject.LANGUAGE, Comparison.IS, "el"),
    ]
)


@st.composite
def a_step(draw: st.DrawFn, place: int, leads: st.SearchStrategy[str]) -> Step:
    key = f"step_{place}"
    kind = draw(st.sampled_from(["say", "ask", "choice", "branch", "act"]))
    if kind == "say":
        return Say(key, draw(texts), draw(leads))
    if kind == "ask":
        answer_type = draw(st.sampled_from([AnswerType.TEXT, AnswerType.NUMBER, AnswerType.DATE]))
        return Ask(key, "Name", draw(texts), answer_type, draw(st.booleans()), (), draw(leads))
    if kind == "choice":
        count = draw(st.integers(2, 4))
        choices = tuple(Choice(f"value_{number}", draw(texts), draw(leads)) for number in range(count))
        return Ask(key, "Name", draw(texts), AnswerType.CHOICE, draw(st.booleans()), choices, draw(leads))
    if kind == "branch":
        earlier = Condition(Subject.ANSWER, Comparison.GIVEN, "", f"step_{draw(st.integers(0, 7))}")
        condition = draw(st.one_of(fact_conditions, st.just(earlier)))
        return Branch(key, (Case((condition,), draw(leads)),), draw(leads))
    return Act(key, draw(st.sampled_from(["message", "end"])), draw(texts), draw(leads))


@st.composite
def any_script(draw: st.DrawFn) -> ScriptDefinition:
    """Anything that can be read: it may loop, stop, lead nowhere."""
    count = draw(st.integers(0, 8))
    leads = st.sampled_from(["", "nowhere", *(f"step_{place}" for place in range(count))])
    steps = tuple(draw(a_step(place, leads)) for place in range(count))
    return ScriptDefinition(draw(texts), steps)


@st.composite
def sound_script(draw: st.DrawFn) -> ScriptDefinition:
    """Steps that lead downwards only, with an end; what nothing leads to is taken out."""
    count = draw(st.integers(0, 8))
    steps: list[Step] = []
    for place in range(count):
        below = [f"step_{later}" for later in range(place + 1, count + 1)]
        steps.append(draw(a_step(place, st.sampled_from(["", *below]))))
    script = ScriptDefinition(draw(texts), (*steps, Act(f"step_{count}", "end")))
    while lost := {problem.step for problem in check(script, languages=LANGUAGES) if "No way" in problem.sentence}:
        script = script.with_steps(tuple(step for step in script.steps if step.key not in lost))
    kept = {step.key for step in script.steps}
    return script.with_steps(tuple(_without_lost(step, kept) for step in script.steps))


def _without_lost(step: Step, kept: set[str]) -> Step:
    """A condition on a question that is gone, or never was one, becomes one on the caller."""
    if not isinstance(step, Branch):
        return step
    return replace(
        step,
        cases=tuple(
            replace(case, conditions=(Condition(Subject.CALLER, Comparison.IS, "known"),)) for case in step.cases
        ),
    )
