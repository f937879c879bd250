import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.merge import MergePart, merge, merged_text

VALUES = {"client.name": "Klīnika Sirds", "agent.name": "Nora", "caller.name": ""}


def test_fields_are_filled_and_words_are_kept() -> None:
    assert merge("{client.name}, mani sauc { agent.name }.", VALUES) == (
        MergePart("Klīnika Sirds", "client.name"),
        MergePart(", mani sauc "),
        MergePart("Nora", "agent.name"),
        MergePart("."),
    )


def test_a_known_field_without_a_value_is_a_blank() -> None:
    parts = merge("Paldies, {caller.name}!", VALUES)
    assert [part.is_blank for part in parts] == [False, True, False]
    assert merged_text("Paldies, {caller.name}!", VALUES) == "Paldies, …!"


def test_an_unknown_field_keeps_its_braces_and_is_marked() -> None:
    parts = merge("Piezvaniet {clinic.hours}", VALUES)
    assert parts[-1] == MergePart("{clinic.hours}", "clinic.hours", is_unknown=True)


@pytest.mark.parametrize(
    "text", ["", "{", "{}", "{{client.name}", "{0}", "{!r}", "{client.name.__class__}", "{a b}", "%s"]
)
def test_odd_braces_are_left_as_they_are(text: str) -> None:
    assert merged_text(text, {"x": "y"}) == text


def test_a_value_is_never_merged_again() -> None:
    assert merged_text("{caller.name}", {"caller.name": "{agent.name}"}) == "{agent.name}"


@given(st.text(alphabet="ab{}. \n", max_size=60))
def test_nothing_is_lost_whatever_the_text(text: str) -> None:
    assert merged_text(text, {}) == text
