"""Which contact a row of a file means: by the ID of an export, else by e-mail, else by name and department."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from string import ascii_lowercase, ascii_uppercase

from django.db.models import Q
from django.db.models.functions import Upper

from clients.imports.columns import Column
from clients.imports.faults import Fault, FaultCode
from clients.imports.people import Cells
from clients.models import Client, Contact, MatchedBy

KEY_LENGTH = 400
_ASCII_CAPITALS = str.maketrans(ascii_lowercase, ascii_uppercase)


@dataclass(frozen=True, slots=True)
class Light:
    """As much of a contact as says who it is."""

    pk: int
    name: str
    department: str
    email: str


@dataclass(frozen=True, slots=True)
class Match:
    """Whom a row means: a contact, or somebody new if `contact` is None; `key` is the same for the same person."""

    key: str
    contact: int | None = None
    by: MatchedBy | None = None
    fault: Fault | None = None


@dataclass(slots=True)
class Directory:
    """The contacts of a client that rows may mean; four queries however many rows."""

    by_id: dict[uuid.UUID, int] = field(default_factory=dict)
    by_email: dict[str, list[Light]] = field(default_factory=lambda: defaultdict(list))
    by_name: dict[str, list[Light]] = field(default_factory=lambda: defaultdict(list))

    def match(self, cells: Cells) -> Match:
        if told := cells.words.get(Column.ID):
            return self._by_id(told)
        email = cells.words.get(Column.EMAIL, "").casefold()
        if email:
            return self._by_email(email, cells)
        found, key = self._named(cells), _name_key(cells)
        if len(found) > 1:
            return Match(key, fault=Fault(FaultCode.AMBIGUOUS))
        return Match(key, found[0].pk, MatchedBy.NAME) if found else Match(key)

    def _by_id(self, told: str) -> Match:
        try:
            public_id = uuid.UUID(told)
        except ValueError:
            return Match("", fault=Fault(FaultCode.ID_UNKNOWN))
        pk = self.by_id.get(public_id)
        if pk is None:
            return Match("", fault=Fault(FaultCode.ID_UNKNOWN))
        return Match(f"id:{public_id}", pk, MatchedBy.ID)

    def _by_email(self, email: str, cells: Cells) -> Match:
        """Of several with one e-mail the one with the name; of those without any, who has name and department."""
        key, found = f"email:{email}"[:KEY_LENGTH], self.by_email.get(email, [])
        if len(found) > 1:
            found = [each for each in found if same_word(each.name, cells.name)]
            if len(found) != 1:
                return Match(key, fault=Fault(FaultCode.AMBIGUOUS))
        if found:
            return Match(key, found[0].pk, MatchedBy.EMAIL)
        named = [each for each in self._named(cells) if not each.email]
        return Match(key, named[0].pk, MatchedBy.NAME) if len(named) == 1 else Match(key)

    def _named(self, cells: Cells) -> list[Light]:
        found = self.by_name.get(cells.name.casefold(), [])
        department = cells.words.get(Column.DEPARTMENT)
        if department is None:
            return found
        return [each for each in found if same_word(each.department, department)]


def directory_of(client: Client, rows: Iterable[Cells]) -> Directory:
    """Who of the client's present contacts can be meant by these rows."""
    rows = list(rows)
    found = Directory()
    if ids := [each for row in rows if (each := _uuid(row.words.get(Column.ID, "")))]:
        present = client.contacts.present().filter(public_id__in=ids)
        found.by_id = dict(present.values_list("public_id", "pk"))
    without_id = [row for row in rows if not row.words.get(Column.ID)]
    for light in people_with(
        client,
        emails=[email for row in without_id if (email := row.words.get(Column.EMAIL))],
        names=[row.name for row in without_id if row.name],
    ):
        found.by_email[light.email.casefold()].append(light)
        found.by_name[light.name.casefold()].append(light)
    return found


def people_with(client: Client, *, emails: Sequence[str], names: Sequence[str]) -> list[Light]:
    """Present contacts with one of these e-mails or names, whatever the case; one query."""
    if not emails and not names:
        return []
    meant = Q(email_key__in=capitals_of(emails)) & ~Q(email="") | Q(name_key__in=capitals_of(names))
    contacts = client.contacts.present().annotate(email_key=Upper("email"), name_key=Upper("name")).filter(meant)
    rows = contacts.values_list("pk", "name", "department__name", "email")
    return [Light(pk, name, department or "", email) for pk, name, department, email in rows]


def capitals_of(words: Iterable[str]) -> set[str]:
    """What UPPER of the database may make of these words: of each letter one, or of none but those of ASCII."""
    words = set(words)
    full = {"".join(sign.upper() if len(sign.upper()) == 1 else sign for sign in word) for word in words}
    return full | {word.translate(_ASCII_CAPITALS) for word in words if not word.isascii()}


def same_word(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _name_key(cells: Cells) -> str:
    department = cells.words.get(Column.DEPARTMENT, "")
    return f"name:{cells.name.casefold()}\t{department.casefold()}"[:KEY_LENGTH]


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def contacts_by_pk(pks: Iterable[int]) -> dict[int, Contact]:
    """These contacts, present or not, with department and numbers; two queries."""
    return {contact.pk: contact for contact in Contact.objects.filter(pk__in=list(pks)).with_numbers()}
