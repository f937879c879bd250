"""A CSV file as rows with their line numbers: read piece by piece, whatever is wrong in it told by line."""

import csv
import io
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from clients.imports.columns import Column, columns_named
from clients.imports.encodings import beginning, encoding_of
from clients.imports.faults import Fault, FaultCode

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 50_000
MOST_COLUMNS = 60
LONGEST_CELL = 1_000
LONGEST_LINE = 65_536
PIECE_BYTES = 256 * 1024
LINES_OF_A_ROW = 120
SEPARATORS = (",", ";", "\t")
_TOLD_SEPARATOR = re.compile('"?sep=(.)"?\\s*', re.IGNORECASE)
_SAMPLE_ROWS = 30


class LineTooLong(Exception):
    """The file has a line that no table has: it is no text, or in another encoding."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is read: encoding, separator, whether its first row names the columns, and what is in each."""

    encoding: str
    separator: str
    has_header: bool
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """A row of the file and the line on which it begins; with a fault its cells are as far as they could be told."""

    line: int
    cells: tuple[str, ...]
    fault: Fault | None = None


class Pieces(io.RawIOBase):
    """The bytes of a file that comes in pieces; `position` says how many have been read."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = b""
        self.position = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = bytes(piece)
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        self.position += count
        return count


def layout_of(sample: bytes, pieces: Callable[[], Iterable[bytes]], language: str) -> Layout:
    """The layout a file seems to have, by its first bytes and, for the encoding, by all."""
    encoding = encoding_of(sample, pieces, language)
    text = beginning(sample, encoding)
    return layout_with(text, encoding, separator_of(text))


def layout_with(text: str, encoding: str, separator: str) -> Layout:
    """The rest of the layout once encoding and separator are known; a first row that names a column is a header."""
    first = next(iter(sample_rows(text, separator)), [])
    columns = columns_named(first)
    return Layout(encoding, separator, any(columns), tuple(columns))


def separator_of(text: str) -> str:
    """The separator that the file names (`sep=;`), else the one that gives known columns and rows of one length."""
    told = _TOLD_SEPARATOR.fullmatch(text.splitlines()[0]) if text.strip() else None
    if told and told[1] in SEPARATORS:
        return told[1]
    return max(SEPARATORS, key=lambda separator: _fitness(sample_rows(text, separator)))


def sample_rows(text: str, separator: str) -> list[list[str]]:
    """The first rows of a text that may be cut off, without what is no row."""
    lines = text.splitlines(keepends=True)
    whole = lines[:-1] if len(lines) > _SAMPLE_ROWS else lines
    if whole and _TOLD_SEPARATOR.fullmatch(whole[0]):
        whole = whole[1:]
    try:
        rows = [row for row in csv.reader(whole[: _SAMPLE_ROWS * 2], delimiter=separator) if any(map(str.strip, row))]
    except csv.Error:
        return []
    return rows[:_SAMPLE_ROWS]


def _fitness(rows: list[list[str]]) -> tuple[int, float, int]:
    """Known columns first, then how many rows are as long as the first, then how long that is."""
    if not rows:
        return 0, 0, 0
    width = len(rows[0])
    same = sum(len(row) == width for row in rows) / len(rows)
    return sum(map(bool, columns_named(rows[0]))), same if width > 1 else 0, width


def records(pieces: Pieces, layout: Layout) -> Iterator[Record]:
    """The rows below the header, empty ones left out. Raises UnicodeDecodeError, LineTooLong."""
    rows = _rows(_lines(pieces, layout.encoding), layout.separator)
    if layout.has_header:
        next(rows, None)
    for row in rows:
        yield _checked(row, len(layout.columns))


def _checked(row: Record, width: int) -> Record:
    """The row with the fault that keeps it from being read, if there is one."""
    fault = row.fault
    if fault is None and any(len(cell) > LONGEST_CELL for cell in row.cells):
        fault = Fault(FaultCode.CELL_TOO_LONG, limit=LONGEST_CELL)
    if fault is None and any("\0" in cell for cell in row.cells):
        fault = Fault(FaultCode.UNREADABLE)
    if fault is None and len(row.cells) != width and any(map(str.strip, row.cells[width:] or ("x",))):
        code = FaultCode.TOO_MANY_CELLS if len(row.cells) > width else FaultCode.TOO_FEW_CELLS
        fault = Fault(code, found=len(row.cells), limit=width)
    if fault is None:
        return Record(row.line, row.cells[:width])
    kept = tuple(cell.replace("\0", "\ufffd")[:LONGEST_CELL] for cell in row.cells[:MOST_COLUMNS])
    return Record(row.line, kept, fault)


def _lines(pieces: Pieces, encoding: str) -> Iterator[str]:
    """The lines with their ends, whichever these are."""
    text = io.TextIOWrapper(io.BufferedReader(pieces, PIECE_BYTES), encoding, newline="")
    is_first = True
    while line := text.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            raise LineTooLong
        if is_first:
            line, is_first = line.removeprefix("\ufeff"), False
            if _TOLD_SEPARATOR.fullmatch(line):
                line = "\n"
        yield line


class _Source:
    """Lines for the CSV reader, one row at a time, which can be given back but the first."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._returned: deque[str] = deque()
        self._taken: list[str] = []
        self.line = 0

    def begin_row(self) -> None:
        self._taken = []

    @property
    def first(self) -> int:
        """On which line the row begins."""
        return self.line - len(self._taken) + 1

    @property
    def taken(self) -> int:
        return len(self._taken)

    def give_back(self) -> str:
        """Take the row's first line alone for the row; the others are read anew."""
        first, *others = self._taken
        self._returned.extendleft(reversed(others))
        self.line -= len(others)
        self._taken = [first]
        return first

    def __iter__(self) -> "_Source":
        return self

    def __next__(self) -> str:
        if len(self._taken) >= LINES_OF_A_ROW:
            raise csv.Error("A row over so many lines is a quotation mark that is not closed.")
        line = self._returned.popleft() if self._returned else next(self._lines)
        self._taken.append(line)
        self.line += 1
        return line


def _rows(lines: Iterator[str], separator: str) -> Iterator[Record]:
    """A row whose quotation marks do not pair is told by its first line, and the next line begins a new one."""
    source = _Source(lines)
    reader = csv.reader(source, delimiter=separator, strict=True)
    while True:
        source.begin_row()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            text = source.give_back()
            yield Record(source.line, tuple(text.strip("\r\n").split(separator)), Fault(FaultCode.QUOTES))
            continue
        if any(map(str.strip, cells)):
            yield Record(source.first, tuple(cells))
