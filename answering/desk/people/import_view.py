"""An import as its page shows it: how far it is, and its rows as they will be or were."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from answering.accounts.templatetags.formats import phone
from clients.imports.columns import LABELS, Column
from clients.imports.faults import Fault, LeftCode
from clients.imports.people import Person
from clients.imports.reading import departments_named
from clients.models import (
    Calendar,
    ContactImport,
    ContactImportRow,
    ContactNumber,
    RowState,
    Verdict,
)
from clients.services.contacts import NumberFields

PAGE_SIZE = 25
MOST_NEIGHBOURS = 3
MOST_NEW_DEPARTMENTS = 12
MOST_READ = 500
BADGES = {Verdict.NEW: "badge-ok", Verdict.CHANGED: "badge-accent", Verdict.FAULTY: "badge-danger"}
FILTERS: dict[str, tuple[str | Promise, Q]] = {
    "": (gettext_lazy("All"), Q()),
    "new": (gettext_lazy("New"), Q(verdict=Verdict.NEW)),
    "changed": (pgettext_lazy("rows", "Changed"), Q(verdict=Verdict.CHANGED)),
    "unchanged": (gettext_lazy("Unchanged"), Q(verdict=Verdict.UNCHANGED)),
    "faulty": (gettext_lazy("Faulty"), Q(verdict=Verdict.FAULTY)),
    "shared": (gettext_lazy("Shared numbers"), Q(shares_number=True)),
    "left": (gettext_lazy("Left alone"), Q(state__in=(RowState.LEFT, RowState.KEPT))),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing about a person: what it was, if it was another, and what it will be."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RowView:
    """A row of the file. `changes` are what is told of the person, of a changed one only what changes."""

    line: int
    name: str
    verdict: str
    badge: str
    matched: str
    changes: Sequence[Change]
    faults: Sequence[str]
    cells: str
    note: str
    left: str


@dataclass(frozen=True, slots=True)
class RowPage:
    """Some rows; `after` is the number after which the next page begins, 0 on the last."""

    rows: Sequence[RowView]
    show: str
    filters: Sequence[tuple[str, str, int]]
    after: int


def row_page(job: ContactImport, *, show: str, after: str) -> RowPage:
    """The rows of a kind in the file's order; at most nine queries."""
    show = show if show in FILTERS else ""
    found = job.rows.filter(FILTERS[show][1]).order_by("number")
    if after.isdecimal() and len(after) < 10:
        found = found.filter(number__gt=int(after))
    rows = list(found[: PAGE_SIZE + 1])
    shown = rows[:PAGE_SIZE]
    words = Words(job, shown)
    return RowPage(
        rows=[words.view(row) for row in shown],
        show=show,
        filters=[(key, str(label), count) for key, label, count in _counted(job) if count or key == show],
        after=shown[-1].number if len(rows) > PAGE_SIZE else 0,
    )


def _counted(job: ContactImport) -> Iterable[tuple[str, str | Promise, int]]:
    known = {
        "": job.rows_read,
        "new": job.new_count,
        "changed": job.changed_count,
        "unchanged": job.unchanged_count,
        "faulty": job.faulty_count,
        "left": job.left_count + job.kept_count,
    }
    for key, (label, which) in FILTERS.items():
        yield key, label, known[key] if key in known else job.rows.filter(which).count()


class Words:
    """Says rows in the reader's language, knowing what the shown ones name."""

    def __init__(self, job: ContactImport, rows: Sequence[ContactImportRow]) -> None:
        people = [Person.from_dict(data) for row in rows for data in (row.before, row.after) if data]
        hours = {person.hours for person in people if person.hours}
        self._hours = dict(Calendar.objects.filter(pk__in=hours).values_list("pk", "name")) if hours else {}
        shared = {number for row in rows if row.shares_number for number in row.numbers}
        self._lines: list[tuple[list[str], int]] = []
        self._owners: list[tuple[str, int, str]] = []
        if shared:
            self._lines = list(
                job.rows.filter(numbers__overlap=list(shared)).values_list("numbers", "line")[:MOST_READ]
            )
            owners = ContactNumber.objects.filter(
                number__in=shared, contact__client=job.client_id, contact__left_at=None
            ).values_list("number", "contact", "contact__name")
            self._owners = [(str(number), pk, name) for number, pk, name in owners[:MOST_READ]]

    def view(self, row: ContactImportRow) -> RowView:
        after = Person.from_dict(row.after) if row.after else None
        before = Person.from_dict(row.before) if row.before else None
        return RowView(
            line=row.line,
            name=after.name if after else "",
            verdict=row.get_verdict_display(),
            badge=BADGES.get(Verdict(row.verdict), ""),
            matched=row.get_matched_by_display() if row.matched_by else "",
            changes=self._changes(before, after) if after else (),
            faults=[str(Fault.from_dict(fault)) for fault in row.faults],
            cells=" · ".join(filter(None, row.cells))[:300],
            note=self._note(row),
            left=str(LeftCode(row.reason).label) if row.reason else "",
        )

    def _changes(self, before: Person | None, after: Person) -> list[Change]:
        new = self._told(after)
        if before is None:
            return [Change(label, "", text) for label, text in new[1:] if text]
        old = dict(self._told(before))
        return [Change(label, old[label], text) for label, text in new if text != old[label]]

    def _told(self, person: Person) -> list[tuple[str, str]]:
        """Everything about a person, the name first."""
        numbers = ", ".join(" ".join(_number_words(each)) for each in person.numbers)
        return [
            (str(LABELS[Column.NAME]), person.name),
            (str(LABELS[Column.DEPARTMENT]), person.department),
            (str(LABELS[Column.RESPONSIBILITY]), person.responsibility),
            (str(LABELS[Column.EMAIL]), person.email),
            (str(LABELS[Column.LANGUAGE]), person.language.upper()),
            (str(LABELS[Column.ALSO_SPEAKS]), " ".join(person.also_speaks).upper()),
            (str(LABELS[Column.HOURS]), self._hours.get(person.hours or 0, "")),
            (str(LABELS[Column.DEFAULT]), _("yes") if person.is_default else ""),
            (_("Numbers"), numbers),
        ]

    def _note(self, row: ContactImportRow) -> str:
        if not row.shares_number:
            return ""
        lines = [line for numbers, line in self._lines if line != row.line and set(numbers) & set(row.numbers)]
        names = {name for number, pk, name in self._owners if number in row.numbers and pk != row.contact_id}
        told = [_("line %(line)d") % {"line": line} for line in sorted(lines)[:MOST_NEIGHBOURS]]
        told += sorted(names)[:MOST_NEIGHBOURS]
        return _("Has a number in common with: %(others)s.") % {"others": ", ".join(told)}


def _number_words(number: NumberFields) -> list[str]:
    words = [phone(number.number), number.label, _("SMS when urgent") if number.gets_urgent_sms else ""]
    return [word for word in words if word]


def new_departments(job: ContactImport) -> list[str]:
    """The first departments that the import would make, by name: a slip of the keyboard shows here. Two queries."""
    going = job.rows.filter(verdict__in=(Verdict.NEW, Verdict.CHANGED)).exclude(after__department="")
    names = list(going.values_list("after__department", flat=True).distinct().order_by("after__department")[:MOST_READ])
    there = {each.name.casefold() for each in departments_named(job.client, names)}
    new = [name for name in names if name.casefold() not in there]
    return new if len(new) <= MOST_NEW_DEPARTMENTS else [*new[:MOST_NEW_DEPARTMENTS], "…"]
