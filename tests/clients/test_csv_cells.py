"""What a row makes of a person; and text that stays what it is through a spreadsheet's cells."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clients.imports.cells import escaped, language_code, language_codes, unescaped, yes_or_no
from clients.imports.columns import Column
from clients.imports.faults import FaultCode
from clients.imports.people import ClientFacts, Merge, Person, cells_by_column, e164
from clients.services.contacts import NumberFields

FACTS = ClientFacts("LV", "lv", {"reception": [7], "night": [8, 9]})
FIRST, SECOND, THIRD = "+37129123456", "+37167000002", "+37126123456"
ANNA = Person(
    "Anna Ozola",
    "lv",
    "Sales",
    "prices",
    "anna@example.test",
    ("en",),
    7,
    numbers=(NumberFields(FIRST, "mobile", True), NumberFields(SECOND, "desk")),
)
DANGEROUS = "=+-@\t\r\n＝＋－＠"


def merged(present: Person | None = None, **cells: str) -> Merge:
    """A row of one cell for each column, numbers and labels as number1, label1 and so on."""
    columns = [Column(name.rstrip("0123456789")) for name in cells]
    return Merge(cells_by_column(columns, list(cells.values())), present, FACTS)


def codes(merge: Merge) -> list[FaultCode]:
    return [fault.code for fault in merge.faults]


@given(st.text() | st.text("'" + DANGEROUS + "a"))
@example("'=1")
@example("''\t")
def test_taking_the_escape_away_gives_exactly_what_was_there_and_nothing_dangerous_begins_a_cell(text: str) -> None:
    cell = escaped(text)
    assert unescaped(cell) == text
    assert not cell.startswith(tuple(DANGEROUS))


@pytest.mark.parametrize("text", ["O'Neil", "'quoted'", "Anna", "", "a=b", "'"])
def test_what_is_no_formula_is_neither_escaped_nor_unescaped(text: str) -> None:
    assert escaped(text) == unescaped(text) == text


@pytest.mark.parametrize("formula", ["=1+1", "=HYPERLINK(1)", "@SUM(A1)", "-2+3", "+cmd|' /C calc'!A0"])
def test_a_formula_stays_text(formula: str) -> None:
    assert merged(name=formula, responsibility=formula).person.name == formula
    assert escaped(formula) == f"'{formula}"


def test_a_number_that_begins_with_plus_is_a_number_escaped_or_not() -> None:
    for cell in ("+371 29 123 456", "'+37129123456", "29123456", "00371 29123456"):
        assert merged(name="A", number1=cell).person.numbers == (NumberFields(FIRST),)


def test_somebody_new_speaks_the_client_s_language() -> None:
    merge = merged(name=" Jānis  Kalns ", department="Sales")
    assert (merge.person, merge.faults) == (Person("Jānis  Kalns", "lv", "Sales"), [])


def test_what_the_file_has_no_column_for_stays_as_it_is() -> None:
    assert merged(ANNA, name="Anna Kalna").person == replace(ANNA, name="Anna Kalna")


def test_an_empty_cell_empties_but_neither_name_nor_language() -> None:
    merge = merged(ANNA, department="", responsibility="", email="", hours="", also_speaks="", language="", sms="")
    person = merge.person
    assert (person.department, person.responsibility, person.email, person.hours) == ("", "", "", None)
    assert (person.also_speaks, person.language, merge.faults) == ((), "lv", [])
    assert [number.gets_urgent_sms for number in person.numbers] == [False, False]
    assert codes(merged(ANNA, name="")) == [FaultCode.NAME_MISSING]


def test_names_in_two_columns_become_one() -> None:
    merge = Merge(cells_by_column([Column.NAME, Column.NAME], ["Anna", "Ozola"]), None, FACTS)
    assert merge.person.name == "Anna Ozola"


def test_numbers_beyond_the_file_s_columns_stay_and_a_label_that_is_not_told_as_well() -> None:
    assert merged(ANNA, number1=THIRD).person.numbers == (NumberFields(THIRD), NumberFields(SECOND, "desk"))
    assert merged(ANNA, number1=SECOND).person.numbers == (NumberFields(SECOND, "desk"),)
    assert merged(ANNA, number1="").person.numbers == (NumberFields(SECOND, "desk"),)
    relabelled = merged(ANNA, number1=FIRST, label1="new").person.numbers[0]
    assert relabelled == NumberFields(FIRST, "new", True)


@pytest.mark.parametrize(("cell", "chosen"), [(SECOND, 1), ("67000002", 1), ("yes", 0), ("jā", 0), ("", None)])
def test_sms_goes_to_a_number_of_the_row(cell: str, chosen: int | None) -> None:
    numbers = merged(ANNA, sms=cell).person.numbers
    assert [number.gets_urgent_sms for number in numbers] == [index == chosen for index in range(2)]


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"name": "x" * 121}, FaultCode.TOO_LONG),
        ({"name": "A", "responsibility": "x" * 201}, FaultCode.TOO_LONG),
        ({"name": "A", "email": "anna@"}, FaultCode.EMAIL_WRONG),
        ({"name": "A", "language": "Klingon"}, FaultCode.LANGUAGE_UNKNOWN),
        ({"name": "A", "also_speaks": "en, klingon"}, FaultCode.LANGUAGE_UNKNOWN),
        ({"name": "A", "hours": "nobody's"}, FaultCode.HOURS_UNKNOWN),
        ({"name": "A", "hours": "Night"}, FaultCode.HOURS_UNKNOWN),
        ({"name": "A", "default": "perhaps"}, FaultCode.NOT_YES_OR_NO),
        ({"name": "A", "number1": "12"}, FaultCode.NUMBER_WRONG),
        ({"name": "A", "number1": "=1+1"}, FaultCode.NUMBER_WRONG),
        ({"name": "A", "number1": FIRST, "number2": "29123456"}, FaultCode.NUMBER_TWICE),
        ({"name": "A", "number1": FIRST, "label1": "x" * 41}, FaultCode.TOO_LONG),
        ({"name": "A", "number1": FIRST, "sms": SECOND}, FaultCode.SMS_UNKNOWN),
    ],
)
def test_each_bad_cell_has_its_fault_which_says_what_to_do(cells: dict[str, str], code: FaultCode) -> None:
    merge = merged(None, **cells)
    assert codes(merge) == [code]
    assert "%(" not in str(merge.faults[0])


@pytest.mark.parametrize(
    "text",
    ["67000000, 67111111", "67000000;67111111", "67000000/x67111111", "67000000 ext. 12", "67000000#12", "67000000,,1"],
)
def test_a_cell_with_a_second_number_or_an_extension_is_no_number(text: str) -> None:
    assert e164(text, "LV") is None


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("tel. (67) 000-000.", "LV", "+37167000000"),
        ("00371 67000000", "LV", "+37167000000"),
        ("8 612 34567", "LT", "+37061234567"),
        ("+44 (0)20 7946 0000", "LV", "+442079460000"),
        ("0343 15 555 1212", "AR", "+5493435551212"),
    ],
)
def test_a_number_is_known_however_its_country_writes_it(text: str, country: str, number: str) -> None:
    assert e164(text, country) == number


def test_what_stands_there_already_is_never_judged() -> None:
    odd = Person("A", "lv", email="not an address", numbers=(NumberFields("+3711", "x" * 50),))
    merge = merged(odd, email="not an address", number1="+3711", label1="x" * 50)
    assert (merge.person, merge.faults) == (odd, [])


@pytest.mark.parametrize(
    ("text", "code"), [("lv", "lv"), ("Latviešu", "lv"), ("ΕΛΛΗΝΙΚΆ", "el"), ("GR", "el"), ("Deutsch", None)]
)
def test_languages_are_known_by_code_and_by_name(text: str, code: str | None) -> None:
    assert language_code(text) == code


def test_several_languages_stand_in_one_cell() -> None:
    assert language_codes("en; LV,en  greek") == (["en", "lv", "el"], "")


@pytest.mark.parametrize(("text", "meant"), [("Jā", True), ("x", True), ("", False), ("ne", False), ("maybe", None)])
def test_yes_and_no_are_known_in_each_language(text: str, meant: bool | None) -> None:
    assert yes_or_no(text) is meant
