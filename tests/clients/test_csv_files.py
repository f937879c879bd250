"""Encoding, separator and header of a file are recognised; what is wrong in it is told by line."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.imports.columns import HEADINGS, MOST_NUMBERS, Column, column_named, columns_named, heading_of
from clients.imports.encodings import ENCODINGS, beginning, encoding_of
from clients.imports.faults import Fault, FaultCode
from clients.imports.files import (
    LINES_OF_A_ROW,
    LONGEST_CELL,
    LONGEST_LINE,
    Layout,
    LineTooLong,
    Pieces,
    Record,
    layout_of,
    layout_with,
    records,
    separator_of,
)

LATVIAN = "Vārds;Nodaļa\nJānis Bērziņš;Grāmatvedība\nĶirsis Žanis;Šķūņa uzraudzība\nŪdre Ģirts;Kardioloģija"
LITHUANIAN = "Vardas;Skyrius\nŽydrūnė Šakalytė;Sąskaitų skyrius\nČesė Ąžuolienė;Įrangos priežiūra ėę"
GREEK = "Όνομα;Τμήμα\nΜαρία Κωνσταντίνου;Γραμματεία\nΆννα Παπαδοπούλου;Λογιστήριο"
ENGLISH = "Name;Department\nJohn Smith;Sales"


def read(text: str, *columns: Column, separator: str = ",", has_header: bool = False) -> list[Record]:
    layout = Layout("utf-8", separator, has_header, columns or (Column.NAME, Column.DEPARTMENT))
    return list(records(Pieces([text.encode()]), layout))


@pytest.mark.parametrize(
    ("text", "language", "encoding"),
    [
        (LATVIAN, "lv", "windows-1257"),
        (LITHUANIAN, "lt", "windows-1257"),
        (LATVIAN, "el", "windows-1257"),
        (GREEK, "el", "windows-1253"),
        (GREEK, "lv", "windows-1253"),
        (GREEK, "el", "iso-8859-7"),
        (LATVIAN, "lv", "iso-8859-4"),
        (LATVIAN, "lv", "cp775"),
        ("Name;Department\nFrançois Müller;Café Größe", "en", "windows-1252"),
        ("Vārds;Nodaļa\nИванов Сергей;Бухгалтерия".replace("ā", "a").replace("ļ", "l"), "lv", "windows-1251"),
        (LATVIAN, "lv", "utf-8"),
        (LATVIAN, "lv", "utf-8-sig"),
        (GREEK, "el", "utf-16"),
        (ENGLISH, "en", "utf-16-le"),
        (ENGLISH, "en", "utf-16-be"),
        (ENGLISH, "en", "ascii"),
    ],
)
def test_the_encoding_is_recognised_by_its_marks_or_its_letters(text: str, language: str, encoding: str) -> None:
    content = text.encode(encoding)
    found = encoding_of(content, lambda: [content], language)
    assert found in ENCODINGS
    assert beginning(content, found) == text


def test_iso_8859_13_is_read_like_windows_1257_which_has_the_same_letters() -> None:
    content = LATVIAN.encode("iso-8859-13")
    assert beginning(content, encoding_of(content, lambda: [content], "lv")) == LATVIAN


def test_utf_8_that_turns_out_wrong_in_a_later_piece_is_another_encoding() -> None:
    pieces = [ENGLISH.encode(), "\nJānis;Šķūnis".encode("windows-1257")]
    assert encoding_of(b"".join(pieces), lambda: pieces, "lv") == "windows-1257"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_the_one_that_gives_known_columns(separator: str) -> None:
    assert separator_of(separator.join(("Vārds", "Tālrunis", "E-pasts")) + "\n") == separator


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ('"Vārds, uzvārds";Tālrunis\n"Bērziņa, Līga";1', ";"),
        ("Ozola, Anna;+37129123456;a@b.lv\nKalns, Jānis;+37129123457;c@d.lv\n", ";"),
        ("sep=;\na,b;c\n", ";"),
        ("Name\nAnna\n", ","),
        ("", ","),
    ],
)
def test_separators_within_cells_do_not_mislead(text: str, separator: str) -> None:
    assert separator_of(text) == separator


@pytest.mark.parametrize("language", ["en", "lv", "lt", "el"])
def test_every_heading_of_our_exports_is_known_whatever_the_reader_speaks(language: str) -> None:
    for column in HEADINGS:
        assert column_named(heading_of(column, language)) == column
        assert column_named(heading_of(column, language, 2)) == column


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("  VĀRDS:", Column.NAME),
        ("e_mail", Column.EMAIL),
        ("Telefono numeris 3", Column.NUMBER),
        ("τηλεφωνο", Column.NUMBER),
        ("Shoe size", Column.NOTHING),
        ("", Column.NOTHING),
    ],
)
def test_headings_are_known_whatever_their_case_accents_and_signs(heading: str, column: Column) -> None:
    assert column_named(heading) == column


def test_a_column_that_may_be_there_once_is_the_first_that_is_named_so() -> None:
    found = columns_named(["E-mail", "Mail", "First name", "Last name", *["Phone"] * (MOST_NUMBERS + 1)])
    assert found[:4] == [Column.EMAIL, Column.NOTHING, Column.NAME, Column.NAME]
    assert found[4:] == [*[Column.NUMBER] * MOST_NUMBERS, Column.NOTHING]


def test_a_first_row_without_known_names_is_no_header() -> None:
    layout = layout_with("Anna,+37129123456\n", "utf-8", ",")
    assert (layout.has_header, layout.columns) == (False, (Column.NOTHING, Column.NOTHING))
    assert layout_with("Vārds,x\n", "utf-8", ",").has_header


def test_rows_know_their_lines_and_keep_their_line_ends() -> None:
    found = read('Name,Department\r\n\r\nAnna,"Two\r\nlines"\rJānis,Sales\n;;\n', has_header=True)
    assert found[:2] == [Record(3, ("Anna", "Two\r\nlines")), Record(5, ("Jānis", "Sales"))]


def test_a_mark_and_a_told_separator_are_no_part_of_the_header() -> None:
    for text in ("\ufeffName,Department\nAnna,Sales\n", "\ufeffsep=,\nName,Department\nAnna,Sales\n"):
        assert [row.cells for row in read(text, has_header=True)] == [("Anna", "Sales")]


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ('Anna,Sales\n"Jānis,Sales\nIlze,Sales\n', 2, FaultCode.QUOTES),
        ('Anna,Sales\n"Jānis"x,Sales\nIlze,Sales\n', 2, FaultCode.QUOTES),
        ("Anna,Sales\nJānis,Sales,more\nIlze,Sales\n", 2, FaultCode.TOO_MANY_CELLS),
        ("Anna,Sales\nJānis\nIlze,Sales\n", 2, FaultCode.TOO_FEW_CELLS),
        (f"Anna,Sales\nJānis,{'x' * (LONGEST_CELL + 1)}\nIlze,Sales\n", 2, FaultCode.CELL_TOO_LONG),
        ("Anna,Sales\nJ\0nis,Sales\nIlze,Sales\n", 2, FaultCode.UNREADABLE),
    ],
)
def test_a_faulty_row_is_told_by_its_line_and_the_others_are_read(text: str, line: int, code: FaultCode) -> None:
    first, faulty, last = read(text)
    assert (first.cells, last.cells) == (("Anna", "Sales"), ("Ilze", "Sales"))
    assert (faulty.line, faulty.fault and faulty.fault.code) == (line, code)


def test_cells_are_counted_in_words_that_fit_any_number() -> None:
    for code in (FaultCode.TOO_FEW_CELLS, FaultCode.TOO_MANY_CELLS):
        assert str(Fault(code, found=1, limit=2)).startswith("Cells: 1 instead of 2.")


def test_an_open_quotation_mark_costs_its_own_row_only_however_many_follow() -> None:
    rows = "".join(f"P{number},Sales\n" for number in range(LINES_OF_A_ROW * 2))
    found = read(f'"Anna,Sales\n{rows}')
    assert [row.fault is None for row in found] == [False, *[True] * (LINES_OF_A_ROW * 2)]
    assert found[-1].line == LINES_OF_A_ROW * 2 + 1


def test_empty_cells_beyond_the_last_column_are_no_fault() -> None:
    assert read("Anna,Sales,,\n") == [Record(1, ("Anna", "Sales"))]


def test_a_line_that_never_ends_is_no_table() -> None:
    with pytest.raises(LineTooLong):
        read("x" * (LONGEST_LINE + 1))


def test_a_wrong_encoding_is_noticed_when_it_cannot_be_read() -> None:
    layout = Layout("utf-8", ",", False, (Column.NAME,))
    with pytest.raises(UnicodeDecodeError):
        list(records(Pieces(["Jānis".encode("windows-1257")]), layout))


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=8))
def test_however_a_file_is_cut_its_bytes_are_read_once_and_counted(pieces: list[bytes]) -> None:
    whole = Pieces(pieces)
    assert whole.read() == b"".join(pieces)
    assert whole.position == len(b"".join(pieces))


def test_the_layout_of_a_file_from_excel_in_latvia() -> None:
    content = codecs.BOM_UTF8 + "Vārds;Tālrunis 1;Tālrunis 2;Piezīmes\r\nAnna;29123456;;x\r\n".encode()
    layout = layout_of(content, lambda: [content], "lv")
    assert layout == Layout("utf-8", ";", True, (Column.NAME, Column.NUMBER, Column.NUMBER, Column.NOTHING))
