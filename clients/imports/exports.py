"""A client's contacts as a CSV file that our own import reads back without a change."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Max
from django.utils import timezone

from clients.imports.cells import escaped
from clients.imports.columns import MOST_NUMBERS, Column, heading_of
from clients.imports.people import FIRST_COLUMNS, row_of
from clients.models import Client

CHUNK = 1_000
FEWEST_NUMBERS = 2
BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class ExportLayout:
    """For whom the file is: Excel wants a mark and, in our countries, semicolons; other programs neither."""

    separator: str = ","
    has_mark: bool = False


FOR_EXCEL, FOR_OTHERS = ExportLayout(";", has_mark=True), ExportLayout()


class _Line:
    """What the CSV writer writes to: it hands the line back instead."""

    def write(self, line: str) -> str:
        return line


def export_contacts(client: Client, layout: ExportLayout, language: str) -> Iterator[str]:
    """The file, line by line, with headings in this language; a thousand contacts are in memory at a time.

    Every cell stands in quotation marks and what a spreadsheet would take for a formula is escaped (OWASP).
    """
    contacts = client.contacts.present().with_numbers()
    most = client.contacts.filter(left_at=None).annotate(count=Count("numbers")).aggregate(most=Max("count"))["most"]
    numbers = min(max(most or 0, FEWEST_NUMBERS), MOST_NUMBERS)
    writer = csv.writer(_Line(), delimiter=layout.separator, quoting=csv.QUOTE_ALL)
    yield (BYTE_ORDER_MARK if layout.has_mark else "") + writer.writerow(headings(numbers, language))
    for contact in contacts.iterator(chunk_size=CHUNK):
        row = row_of(contact, numbers=numbers, language=language)
        yield writer.writerow([escaped(cell) for cell in row])


def headings(numbers: int, language: str) -> list[str]:
    named = [heading_of(column, language) for column in FIRST_COLUMNS]
    pairs = [
        heading_of(column, language, count)
        for count in range(1, numbers + 1)
        for column in (Column.NUMBER, Column.LABEL)
    ]
    return named + pairs


def export_name(client: Client) -> str:
    """What the file is called: the client and the day in the zone that is set."""
    plain = "".join(sign if sign.isalnum() else " " for sign in client.name)
    return f"{'-'.join([*plain.split(), 'contacts'])}-{timezone.localdate():%Y-%m-%d}.csv"
