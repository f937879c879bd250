"""A contact as a row of cells, and a row of cells as what it makes of a contact. Nothing here asks the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from clients.imports.cells import LONGEST, YES, language_code, language_codes, unescaped, yes_or_no
from clients.imports.columns import MOST_NUMBERS, Column
from clients.imports.faults import Fault, FaultCode, shortened
from clients.models import Contact
from clients.services.contacts import NumberFields

_LAST_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Person:
    """All that a file can say of a contact; `hours` is the calendar's id, languages are codes."""

    name: str
    language: str
    department: str = ""
    responsibility: str = ""
    email: str = ""
    also_speaks: tuple[str, ...] = ()
    hours: int | None = None
    is_default: bool = False
    numbers: tuple[NumberFields, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As it is kept with the import's row."""
        words = {"name": self.name, "language": self.language, "department": self.department, "hours": self.hours}
        numbers = [[each.number, each.label, each.gets_urgent_sms] for each in self.numbers]
        more = {"responsibility": self.responsibility, "email": self.email, "also_speaks": list(self.also_speaks)}
        return words | more | {"is_default": self.is_default, "numbers": numbers}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Person":
        numbers = tuple(NumberFields(*each) for each in data["numbers"])
        return cls(**{**data, "also_speaks": tuple(data["also_speaks"]), "numbers": numbers})

    def is_as(self, other: "Person") -> bool:
        """Whether the two are the same but for being the default contact and the case of the department."""
        return self._without_case() == other._without_case()

    def _without_case(self) -> "Person":
        return replace(self, is_default=False, department=self.department.casefold())


def person_of(contact: Contact) -> Person:
    """The contact as it is now; wants `with_numbers()`."""
    numbers = tuple(NumberFields(str(row.number), row.label, row.gets_urgent_sms) for row in contact.numbers.all())
    return Person(
        name=contact.name,
        language=contact.language,
        department=contact.department.name if contact.department else "",
        responsibility=contact.responsibility,
        email=contact.email,
        also_speaks=tuple(code for code in contact.also_speaks if code != contact.language),
        hours=contact.calendar_id,
        is_default=contact.is_default,
        numbers=numbers,
    )


@dataclass(frozen=True, slots=True)
class ClientFacts:
    """What of the client decides what a cell means: its country, language and calendars (name to ids)."""

    country: str
    language: str
    calendars: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def hours_named(self, name: str) -> int | None:
        """The calendar of this name; None if there is none or more than one."""
        found = self.calendars.get(name.casefold(), ())
        return found[0] if len(found) == 1 else None

    def name_of(self, hours: int | None) -> str:
        return next((name for name, ids in self.calendars.items() if hours in ids), "")


@dataclass(slots=True)
class Cells:
    """The cells of a row by their columns, as text without spaces around it, formulas unescaped."""

    words: dict[Column, str] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=list)
    labels: dict[int, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.words.get(Column.NAME, "")


def cells_by_column(columns: Sequence[Column], row: Sequence[str]) -> Cells:
    """Names that stand in several columns become one; a label belongs to the number before it."""
    cells = Cells()
    for column, cell in zip(columns, row, strict=True):
        text = unescaped(cell.strip())
        if column == Column.NUMBER:
            cells.numbers.append(text)
        elif column == Column.LABEL:
            cells.labels[max(len(cells.numbers) - 1, 0)] = text
        elif column == Column.NAME:
            cells.words[column] = f"{cells.name} {text}".strip() if cells.name or text else ""
        elif column:
            cells.words[column] = text
    return cells


class Merge:
    """What a row makes of a contact, or of nobody: `person`, and the faults that forbid it.

    What the file has no column for stays as it is; an empty cell empties, but neither name nor language. A cell that
    says what is there already is never judged: it was good enough before.
    """

    def __init__(self, cells: Cells, present: Person | None, facts: ClientFacts) -> None:
        self._cells, self._present, self._facts = cells, present, facts
        self._before = present or Person(name="", language=facts.language)
        self.faults: list[Fault] = []
        self.says_default = False
        self.person = self._merged()

    def _merged(self) -> Person:
        merged = replace(
            self._before,
            name=self._name(),
            department=self._text(Column.DEPARTMENT, self._before.department),
            responsibility=self._text(Column.RESPONSIBILITY, self._before.responsibility),
            email=self._email(),
            language=self._language(),
            hours=self._hours(),
            is_default=self._is_default(),
            numbers=self._numbers(),
        )
        return replace(merged, also_speaks=self._also_speaks(merged.language))

    def _text(self, column: Column, before: str) -> str:
        text = self._cells.words.get(column)
        if text is None or _is_same(text, before):
            return before
        if len(text) > LONGEST[column]:
            self._fault(FaultCode.TOO_LONG, column, limit=LONGEST[column])
        return text

    def _name(self) -> str:
        name = self._text(Column.NAME, self._before.name)
        if not name:
            self._fault(FaultCode.NAME_MISSING)
        return name

    def _email(self) -> str:
        email = self._text(Column.EMAIL, self._before.email)
        if email and email != self._before.email:
            try:
                validate_email(email)
            except ValidationError:
                self._fault(FaultCode.EMAIL_WRONG, value=email)
        return email

    def _language(self) -> str:
        text = self._cells.words.get(Column.LANGUAGE, "")
        code = language_code(text) if text else self._before.language
        if code is None:
            self._fault(FaultCode.LANGUAGE_UNKNOWN, value=text)
        return code or self._before.language

    def _also_speaks(self, language: str) -> tuple[str, ...]:
        text = self._cells.words.get(Column.ALSO_SPEAKS)
        before = self._before.also_speaks
        if text is None:
            return tuple(code for code in before if code != language)
        codes, unknown = language_codes(text)
        if unknown:
            self._fault(FaultCode.LANGUAGE_UNKNOWN, value=unknown)
        others = tuple(code for code in codes if code != language)
        return before if set(others) == set(before) else others

    def _hours(self) -> int | None:
        text = self._cells.words.get(Column.HOURS)
        before = self._before.hours
        if text is None or text.casefold() == self._facts.name_of(before):
            return before
        found = self._facts.hours_named(text) if text else None
        if text and found is None:
            self._fault(FaultCode.HOURS_UNKNOWN, value=text)
        return found

    def _is_default(self) -> bool:
        """The default contact stays it until another row or another person says that they are."""
        text = self._cells.words.get(Column.DEFAULT, "")
        said = yes_or_no(text)
        if said is None:
            self._fault(FaultCode.NOT_YES_OR_NO, Column.DEFAULT, value=text)
        self.says_default = bool(said)
        return self._before.is_default or self.says_default

    def _numbers(self) -> tuple[NumberFields, ...]:
        """The file's numbers in order, then those of the contact's for which it has no column."""
        given = [
            number for position, text in enumerate(self._cells.numbers) if (number := self._number(position, text))
        ]
        written = {each.number for each in given}
        if twice := next((each.number for each in given if sum(one.number == each.number for one in given) > 1), ""):
            self._fault(FaultCode.NUMBER_TWICE, value=twice)
        rest = [each for each in self._before.numbers[len(self._cells.numbers) :] if each.number not in written]
        numbers = (*given, *rest)
        if len(numbers) > max(MOST_NUMBERS, len(self._before.numbers)):
            self._fault(FaultCode.TOO_MANY_NUMBERS, limit=MOST_NUMBERS)
        return self._with_sms(numbers)

    def _number(self, position: int, text: str) -> NumberFields | None:
        if not text:
            return None
        number = self._in_full(text)
        before = next((each for each in self._before.numbers if each.number == number), None)
        label = self._cells.labels.get(position)
        if label is None:
            label = before.label if before else ""
        elif before and _is_same(label, before.label):
            label = before.label
        elif len(label) > LONGEST[Column.LABEL]:
            self._fault(FaultCode.TOO_LONG, Column.LABEL, limit=LONGEST[Column.LABEL])
        return NumberFields(number, label, bool(before and before.gets_urgent_sms))

    def _in_full(self, text: str) -> str:
        """The number in E.164; as it is, with a fault, if it is none."""
        if any(each.number == text for each in self._before.numbers):
            return text
        number = e164(text, self._facts.country)
        if number is None:
            self._fault(FaultCode.NUMBER_WRONG, value=text)
        return number or text

    def _with_sms(self, numbers: tuple[NumberFields, ...]) -> tuple[NumberFields, ...]:
        text = self._cells.words.get(Column.SMS)
        if text is None:
            return numbers
        chosen = self._chosen(text, numbers) if text else ""
        if chosen is None:
            self._fault(FaultCode.SMS_UNKNOWN, value=text)
        return tuple(replace(each, gets_urgent_sms=each.number == chosen) for each in numbers)

    def _chosen(self, text: str, numbers: tuple[NumberFields, ...]) -> str | None:
        """The number that is meant: written out, or "yes" for the first; empty for none, None if it is not there."""
        written = [each.number for each in numbers]
        for number in (text, e164(text, self._facts.country)):
            if number in written:
                return number
        said = yes_or_no(text)
        if said and written:
            return written[0]
        return "" if said is False else None

    def _fault(self, code: FaultCode, column: Column = Column.NOTHING, *, value: str = "", limit: int = 0) -> None:
        self.faults.append(Fault(code, column, shortened(value), limit=limit))


def _is_same(text: str, before: str) -> bool:
    """Spaces around a text are no change of it."""
    return text.strip() == before.strip()


def e164(text: str, country: str) -> str | None:
    """A number as people write it in this country, in E.164; None if nobody has such a number, or it is not all.

    A second number is read as an extension or left out by the library, and an extension has no place in E.164.
    """
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if number.extension or not phonenumbers.is_valid_number(number):
        return None
    # Some countries write other signs in front of the last digits than E.164 does; those are the same everywhere.
    end = phonenumbers.national_significant_number(number)[-_LAST_DIGITS:]
    if not phonenumbers.normalize_digits_only(text).endswith(end):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def row_of(contact: Contact, *, numbers: int, language: str) -> list[str]:
    """The contact as the cells of an export with room for so many numbers; wants `with_numbers()`."""
    person = person_of(contact)
    urgent = next((each.number for each in person.numbers if each.gets_urgent_sms), "")
    told = [
        str(contact.public_id),
        person.name,
        person.department,
        person.responsibility,
        person.email,
        person.language,
        " ".join(person.also_speaks),
        contact.calendar.name if contact.calendar else "",
        YES.get(language, YES["en"]) if person.is_default else "",
        urgent,
    ]
    for position in range(numbers):
        each = person.numbers[position] if position < len(person.numbers) else NumberFields("")
        told += [each.number, each.label]
    return told


FIRST_COLUMNS = (
    Column.ID,
    Column.NAME,
    Column.DEPARTMENT,
    Column.RESPONSIBILITY,
    Column.EMAIL,
    Column.LANGUAGE,
    Column.ALSO_SPEAKS,
    Column.HOURS,
    Column.DEFAULT,
    Column.SMS,
)
