"""What is wrong with a file or a row: kept as a code, said in the reader's language with what to do."""

from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from clients.imports.columns import LABELS, Column


class Problem(TextChoices):
    """Why no row can be read; the labels say what to do."""

    EMPTY = "empty", _("The file is empty. Save the table again as CSV, then choose that file.")
    TOO_LARGE = (
        "too_large",
        _("The file is larger than 20 MB. Split it into several files and import one after another."),
    )
    WORKBOOK = (
        "workbook",
        _("This is a workbook, not a CSV file. Open it, choose “Save as” and “CSV UTF-8”, then choose that file."),
    )
    BINARY = "binary", _("This is no text file. Choose the CSV file that holds the table.")
    NO_ROWS = "no_rows", _("The file has no rows below the names of the columns.")
    TOO_MANY_ROWS = (
        "too_many_rows",
        _("The file has more than 50,000 rows. Split it into several files and import one after another."),
    )
    TOO_MANY_COLUMNS = (
        "too_many_columns",
        _("The file has more than 60 columns. Leave out those that say nothing of contacts, or check the separator."),
    )
    UNDECODABLE = (
        "undecodable",
        _("The file cannot be read in this encoding. Choose another, or save the file as “CSV UTF-8”."),
    )
    NOT_CSV = "not_csv", _("These are no rows of a table. Check encoding and separator, or choose another file.")
    ONE_COLUMN = (
        "one_column",
        _("Each row is one single cell. Choose the separator that stands between the cells."),
    )
    NO_HEADER = (
        "no_header",
        _(
            "None of the columns has a name that is known here. Say below what is in each column, "
            "and whether the first row is a person already."
        ),
    )
    FAILED = (
        "failed",
        _("The file could not be read because of a fault of ours. Nothing was imported; the log says more."),
    )
    NO_NAME = "no_name", _("No column is the name. Say below which one is.")


class FaultCode(TextChoices):
    """Why a row is not imported; the labels say what to do."""

    QUOTES = (
        "quotes",
        _("The quotation marks do not pair. Close the one that is open; where one is meant as a sign, write two."),
    )
    TOO_MANY_CELLS = (
        "too_many_cells",
        _("Cells: %(found)d instead of %(limit)d. Put a cell that contains the separator in quotation marks."),
    )
    TOO_FEW_CELLS = (
        "too_few_cells",
        _("Cells: %(found)d instead of %(limit)d. A separator or the end of the row is missing."),
    )
    CELL_TOO_LONG = (
        "cell_too_long",
        _("A cell is longer than %(limit)d signs. Shorten it, or check the quotation marks."),
    )
    UNREADABLE = "unreadable", _("The row contains signs that are no text. Type it anew.")
    TOO_LONG = "too_long", _("%(column)s is longer than %(limit)d signs. Shorten it.")
    NAME_MISSING = "name_missing", _("The name is missing. Add it.")
    EMAIL_WRONG = "email_wrong", _("“%(value)s” is no e-mail address. Correct it, or empty the cell.")
    LANGUAGE_UNKNOWN = (
        "language_unknown",
        _("The language “%(value)s” is not known. Write en, lv, lt or el."),
    )
    HOURS_UNKNOWN = (
        "hours_unknown",
        _("This client uses no calendar “%(value)s”. Write the name of one it uses, or empty the cell."),
    )
    NOT_YES_OR_NO = "not_yes_or_no", _("%(column)s: “%(value)s” is neither yes nor no.")
    NUMBER_WRONG = (
        "number_wrong",
        _(
            "“%(value)s” is no telephone number. Write one number, with its country code "
            "and without an extension, e.g. +371 …"
        ),
    )
    NUMBER_TWICE = "number_twice", _("%(value)s stands twice in this row. Leave it in one place.")
    TOO_MANY_NUMBERS = "too_many_numbers", _("The person would have more than %(limit)d numbers. Remove some.")
    SMS_UNKNOWN = (
        "sms_unknown",
        _("SMS when urgent: “%(value)s” is none of the numbers of this row. Write one of them, or empty the cell."),
    )
    ID_UNKNOWN = (
        "id_unknown",
        _("No contact of this client has this ID. Empty the cell to add the person anew."),
    )
    AMBIGUOUS = (
        "ambiguous",
        _("Several contacts fit this row. Say which by the ID from an export."),
    )
    SAME_PERSON = "same_person", _("The same person as on line %(line)d. Remove one of the two rows.")
    SECOND_DEFAULT = "second_default", _("Line %(line)d is the default contact already. There can be only one.")


class LeftCode(TextChoices):
    """Why a row was left alone when the import was carried out or taken back."""

    CHANGED_MEANWHILE = "changed_meanwhile", _("Somebody has changed this person since the preview.")
    ADDED_MEANWHILE = "added_meanwhile", _("Somebody has added this person since the preview.")
    FAILED = "failed", _("This could not be done because of a fault of ours; the log says more.")
    GONE = "gone", _("This person has left, or is no longer there.")
    CHANGED_SINCE = "changed_since", _("Somebody has changed this person since the import.")
    IN_USE = "in_use", _("This person is named elsewhere by now: in messages, on a rota or in a script.")
    IS_DEFAULT = (
        "is_default",
        _("This is the default contact. Make another one the default first, then remove this one."),
    )


@dataclass(frozen=True, slots=True)
class Fault:
    """A code with what its sentence names."""

    code: FaultCode
    column: Column = Column.NOTHING
    value: str = ""
    found: int = 0
    limit: int = 0
    line: int = 0

    def __str__(self) -> str:
        """The sentence, in the language now active."""
        words = {"column": str(LABELS[self.column]), "value": self.value, "found": self.found, "limit": self.limit}
        return str(self.code.label) % (words | {"line": self.line})

    def to_dict(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Fault":
        told = {name: data[name] for name in ("value", "found", "limit", "line") if name in data}
        return cls(FaultCode(data["code"]), Column(data.get("column", "")), **told)


def shortened(value: str) -> str:
    """A cell as a sentence quotes it."""
    return value if len(value) <= 60 else f"{value[:59]}…"
