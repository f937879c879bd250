import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.scripts import (
    Act,
    AnswerInvalid,
    AnswerType,
    Ask,
    Branch,
    Case,
    Choice,
    Comparison,
    Condition,
    DefinitionError,
    Facts,
    Say,
    ScriptDefinition,
    Subject,
    check,
    export_script,
    import_script,
    next_step,
    read_answer,
    run_script,
    show_answer,
)
from tests.clients.script_makers import LANGUAGES, any_script, facts, sound_script

CALL = Facts(language="lv")
END = Act("finish", "end")
TOPIC = Ask(
    "topic",
    "Topic",
    {"lv": "Par ko zvanāt?"},
    AnswerType.CHOICE,
    True,
    (Choice("visit", {"lv": "Pieraksts"}, "day"), Choice("other", {"lv": "Cits"}, "write")),
)
DAY = Ask("day", "Day", {"lv": "Kurā dienā?"}, AnswerType.DATE, True)
WRITE = Act("write", "message", {"lv": "Pierakstiet ziņu."})
CLINIC = ScriptDefinition({"lv": "Labdien!"}, (Say("hello", {"lv": "Paldies par zvanu."}), TOPIC, DAY, WRITE, END))


def an_answer(draw: st.DataObject, step: Ask | Act) -> str:
    """Whatever can be answered there; nothing, where it may be skipped."""
    if isinstance(step, Act):
        return "done"
    if step.choices:
        value = draw.draw(st.sampled_from([choice.value for choice in step.choices]))
    else:
        value = {AnswerType.NUMBER: "7", AnswerType.DATE: "2026-12-24"}.get(step.type, "text")
    return value if step.is_required or draw.draw(st.booleans()) else ""


@given(sound_script() | any_script(), facts, st.data())
def test_a_script_without_problems_always_reaches_an_end(
    script: ScriptDefinition, call: Facts, data: st.DataObject
) -> None:
    if check(script, languages=LANGUAGES):
        return
    answers: dict[str, str] = {}
    for _ in script.steps:
        run = run_script(script, answers, call)
        assert run.current is not None
        if run.is_at_end:
            return
        assert run.current.key not in answers
        answers[run.current.key] = an_answer(data, run.current)
    assert run_script(script, answers, call).is_at_end


@given(sound_script())
def test_a_sound_script_has_no_problem(script: ScriptDefinition) -> None:
    assert check(script, languages=LANGUAGES) == []


@given(any_script(), facts, st.dictionaries(st.from_regex(r"step_[0-7]", fullmatch=True), st.text(max_size=5)))
def test_no_script_and_no_answers_keep_the_walk_from_ending(
    script: ScriptDefinition, call: Facts, answers: dict[str, str]
) -> None:
    run = run_script(script, answers, call)
    assert len(run.done) <= len(script.steps)


@given(any_script(), st.text(max_size=20).filter(lambda name: "\x00" not in name))
def test_a_script_is_the_same_after_export_and_import(script: ScriptDefinition, name: str) -> None:
    assert import_script(export_script(name, script).encode()) == (name, script)


def test_an_answer_leads_to_its_own_step() -> None:
    assert next_step(CLINIC, {}, CALL) == TOPIC
    assert next_step(CLINIC, {"topic": "visit"}, CALL) == DAY
    assert next_step(CLINIC, {"topic": "other"}, CALL) == WRITE
    run = run_script(CLINIC, {"topic": "visit", "day": "2026-12-24", "write": "done"}, CALL)
    assert run.is_at_end
    assert run.done == (TOPIC, DAY, WRITE)


def test_words_to_read_aloud_stand_with_the_question_that_follows() -> None:
    assert [say.key for say in run_script(CLINIC, {}, CALL).says] == ["hello"]
    assert run_script(CLINIC, {"topic": "visit"}, CALL).says == ()


def test_a_changed_answer_takes_another_way_and_what_was_answered_there_is_passed_over() -> None:
    run = run_script(CLINIC, {"topic": "other", "day": "2026-12-24"}, CALL)
    assert [step.key for step in run.done] == ["topic"]
    assert run.current == WRITE


@pytest.mark.parametrize(
    ("condition", "call", "answers", "holds"),
    [
        (Condition(Subject.CALLER, Comparison.IS, "known"), replace(CALL, is_known=True), {}, True),
        (Condition(Subject.CALLER, Comparison.IS, "known"), CALL, {}, False),
        (Condition(Subject.HOURS, Comparison.IS, "closed"), replace(CALL, is_open=False), {}, True),
        (Condition(Subject.DAY, Comparison.IS, "holiday"), replace(CALL, is_open=False, is_holiday=True), {}, True),
        (Condition(Subject.DAY, Comparison.IS, "holiday"), replace(CALL, is_open=False), {}, False),
        (Condition(Subject.NOTICE, Comparison.IS, "running"), replace(CALL, has_notice=True), {}, True),
        (Condition(Subject.NOTICE, Comparison.IS, "none"), CALL, {}, True),
        (Condition(Subject.LANGUAGE, Comparison.IS_NOT, "lv"), CALL, {}, False),
        (Condition(Subject.CALLER_LANGUAGE, Comparison.IS, "lt"), replace(CALL, caller_language="lt"), {}, True),
        (Condition(Subject.ANSWER, Comparison.GIVEN, "", "count"), CALL, {"count": ""}, False),
        (Condition(Subject.ANSWER, Comparison.MISSING, "", "count"), CALL, {}, True),
        (Condition(Subject.ANSWER, Comparison.MORE, "9", "count"), CALL, {"count": "10"}, True),
        (Condition(Subject.ANSWER, Comparison.LESS, "9", "count"), CALL, {"count": "10"}, False),
        (Condition(Subject.ANSWER, Comparison.LESS, "9", "count"), CALL, {}, False),
    ],
)
def test_a_branch_decides_by_answers_and_facts(
    condition: Condition, call: Facts, answers: dict[str, str], holds: bool
) -> None:
    count = Ask("count", "Count", {"lv": "Cik?"}, AnswerType.NUMBER)
    branch = Branch("way", (Case((condition,), "yes"),), "no")
    script = ScriptDefinition({}, (branch, count, Act("yes", "end"), Act("no", "end")))
    found = next_step(script, answers, call)
    assert found is not None
    assert found.key == ("yes" if holds else "no")


def problems_of(*steps: Any, greeting: str = "Labdien!") -> dict[str, str]:
    script = ScriptDefinition({"lv": greeting}, tuple(steps))
    return {problem.step: problem.sentence for problem in check(script, languages=["lv"])}


@pytest.mark.parametrize(
    ("steps", "step", "sentence"),
    [
        ((), "", "The script has no step yet."),
        ((END, Say("lost", {"lv": "Sveiki"}, "finish")), "lost", "No way leads to this step."),
        ((Say("bye", {"lv": "Visu labu"}),), "bye", "The script stops here without an end."),
        ((Say("round", {"lv": "Vēlreiz"}, "round"), END), "round", "This step leads back to itself"),
        ((replace(DAY, next="topic"), replace(TOPIC), WRITE, END), "topic", "This step leads back to itself"),
        ((Say("hello", {"en": "Hello"}), END), "hello", "The text is missing in LV."),
        ((Say("hello", {"lv": "{client.nmae}"}), END), "hello", "There is no field {client.nmae}."),
        ((Act("order", "order"), END), "order", "Choose what is to be done here."),
        ((Say("hello", {"lv": "Sveiki"}, "gone"), END), "hello", "It leads to a step that does not exist: gone."),
        ((Branch("way", (), ""), END), "way", "A branch needs at least one condition."),
        ((replace(TOPIC, choices=TOPIC.choices[:1]), DAY, END), "topic", "A question with choices needs at least two."),
        ((replace(DAY, name=""), END), "day", "Name the answer"),
        (
            (Branch("way", (Case((Condition(Subject.ANSWER, Comparison.IS, "x", "gone"),), ""),)), END),
            "way",
            "A condition names a question that does not exist: gone.",
        ),
        (
            (Branch("way", (Case((Condition(Subject.HOURS, Comparison.IS, "lunch"),), ""),)), END),
            "way",
            "This condition can never be decided.",
        ),
    ],
)
def test_what_is_wrong_is_said_beside_its_step(steps: tuple[Any, ...], step: str, sentence: str) -> None:
    assert problems_of(*steps)[step].startswith(sentence)


def test_a_script_that_is_right_has_no_problem_and_an_answer_may_be_read_back() -> None:
    assert check(CLINIC, languages=["lv"]) == []
    assert problems_of(DAY, Say("back", {"lv": "Tātad {answer.day}."}), END) == {}


@pytest.mark.parametrize(
    ("answer_type", "given", "kept"),
    [
        (AnswerType.TEXT, "  Ozoliņa\r\n", "Ozoliņa"),
        (AnswerType.DATE, "24.12.2026", "2026-12-24"),
        (AnswerType.DATE, "2026-12-24", "2026-12-24"),
        (AnswerType.DATE, "29.02.2027", None),
        (AnswerType.DATE, "rīt", None),
        (AnswerType.NUMBER, "1 250,50", "1250.50"),
        (AnswerType.NUMBER, "٣", "3"),
        (AnswerType.NUMBER, "daudz", None),
        (AnswerType.PHONE, "26 123 456", "+37126123456"),
        (AnswerType.PHONE, "+30 21 0123 4567", "+302101234567"),
        (AnswerType.PHONE, "12", None),
        (AnswerType.EMAIL, "liga@example.test", "liga@example.test"),
        (AnswerType.EMAIL, "liga at example", None),
        (AnswerType.TEXT, "x" * 2001, None),
    ],
)
def test_an_answer_is_read_as_what_it_is_or_refused_with_a_sentence(
    answer_type: AnswerType, given: str, kept: str | None
) -> None:
    ask = Ask("it", "It", {}, answer_type)
    if kept is not None:
        assert read_answer(ask, given, region="LV") == kept
        return
    with pytest.raises(AnswerInvalid) as refusal:
        read_answer(ask, given, region="LV")
    assert str(refusal.value).endswith(".")


@given(st.sampled_from(AnswerType), st.text(max_size=30))
def test_whatever_is_typed_is_read_or_refused(answer_type: AnswerType, given: str) -> None:
    ask = Ask("it", "It", {}, answer_type, choices=TOPIC.choices if answer_type == AnswerType.CHOICE else ())
    try:
        kept = read_answer(ask, given, region="LV")
    except AnswerInvalid:
        return
    assert "\x00" not in kept
    if kept and answer_type == AnswerType.DATE:
        assert date.fromisoformat(kept)


def test_what_is_required_cannot_be_left_out() -> None:
    with pytest.raises(AnswerInvalid):
        read_answer(DAY, "  ")
    assert read_answer(replace(DAY, is_required=False), " ") == ""


def test_a_choice_is_shown_by_its_label_in_the_language_of_the_line() -> None:
    assert show_answer(TOPIC, "visit", "lv") == "Pieraksts"
    assert show_answer(TOPIC, "visit", "el") == "Pieraksts"
    yes_no = Ask("sure", "Sure", {}, AnswerType.YES_NO, choices=(Choice("yes"), Choice("no")))
    assert show_answer(yes_no, "no", "en") == "No"


def changed(**fields: Any) -> dict[str, Any]:
    return {"greeting": {}, "steps": [{"kind": "say", "key": "hello", "text": {"lv": "Sveiki"}} | fields]}


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ([], ""),
        ({"greeting": {}, "stages": []}, "stages"),
        ({"greeting": {}, "steps": {}}, "steps"),
        (changed(kind="shout"), "steps[0].kind"),
        (changed(key="1st"), "steps[0].key"),
        (changed(text="Sveiki"), "steps[0].text"),
        (changed(text={"Latvian": "Sveiki"}), "steps[0].text.Latvian"),
        (changed(text={"lv": "x" * 2001}), "steps[0].text.lv"),
        (changed(text={"lv": "\x00"}), "steps[0].text.lv"),
        (changed(colour="red"), "steps[0].colour"),
        (changed(next=7), "steps[0].next"),
        ({"steps": [changed()["steps"][0]] * 2}, "steps[1].key"),
        ({"steps": [{"kind": "ask", "key": "it", "type": "text", "choices": [{"value": "a"}]}]}, "steps[0].choices"),
        ({"steps": [{"kind": "ask", "key": "it", "type": "yes_no", "choices": [{"value": "a"}]}]}, "steps[0].choices"),
        ({"steps": [{"kind": "ask", "key": "it", "type": "text", "required": "no"}]}, "steps[0].required"),
    ],
)
def test_what_is_no_script_is_refused_with_its_place(data: Any, path: str) -> None:
    with pytest.raises(DefinitionError) as refusal:
        ScriptDefinition.from_dict(data)
    assert refusal.value.path == path
    content = {"format": "alio-script", "version": 1, "name": "x", "script": data}
    with pytest.raises(DefinitionError, match="script"):
        import_script(json.dumps(content).encode())


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"[]", b'{"format": "other"}', b'{"format": "alio-script", "version": 2}', b"[" * 9999],
)
def test_a_file_that_is_no_script_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(DefinitionError) as refusal:
        import_script(content)
    assert refusal.value.sentence.endswith(".")
