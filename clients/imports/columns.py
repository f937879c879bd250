"""What a column of a file can mean, and how people name it in four languages."""

import re
import unicodedata
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from answering.lib.text import search_key


class Column(StrEnum):
    """What is in a column; NAME may be given to several, NUMBER and LABEL to eight each."""

    ID = "id"
    NAME = "name"
    DEPARTMENT = "department"
    RESPONSIBILITY = "responsibility"
    EMAIL = "email"
    LANGUAGE = "language"
    ALSO_SPEAKS = "also_speaks"
    HOURS = "hours"
    DEFAULT = "default"
    SMS = "sms"
    NUMBER = "number"
    LABEL = "label"
    NOTHING = ""


REPEATED = frozenset({Column.NAME, Column.NUMBER, Column.LABEL, Column.NOTHING})
MOST_NUMBERS = 8

LABELS: dict[Column, str | Promise] = {
    Column.NOTHING: _("not read"),
    Column.ID: _("ID from an export"),
    Column.NAME: _("Name"),
    Column.DEPARTMENT: _("Department"),
    Column.RESPONSIBILITY: _("Responsible for"),
    Column.EMAIL: _("E-mail"),
    Column.LANGUAGE: _("Language"),
    Column.ALSO_SPEAKS: _("Also speaks"),
    Column.HOURS: _("Hours"),
    Column.DEFAULT: _("Default contact"),
    Column.NUMBER: _("Telephone number"),
    Column.LABEL: _("Label of the number before it"),
    Column.SMS: _("SMS when urgent"),
}

# The first name of each language heads our exports, so all of them must be found again whatever the reader speaks.
HEADINGS: dict[Column, dict[str, tuple[str, ...]]] = {
    Column.ID: {
        "en": ("ID", "Contact ID"),
        "lv": ("ID", "Identifikators"),
        "lt": ("ID", "Identifikatorius"),
        "el": ("ID", "Αναγνωριστικό"),
    },
    Column.NAME: {
        "en": ("Name", "Full name", "First name", "Given name", "Last name", "Family name", "Surname", "Contact"),
        "lv": ("Vārds", "Vārds, uzvārds", "Vārds un uzvārds", "Uzvārds", "Kontaktpersona", "Darbinieks"),
        "lt": ("Vardas", "Vardas, pavardė", "Vardas ir pavardė", "Pavardė", "Kontaktinis asmuo", "Darbuotojas"),
        "el": ("Όνομα", "Ονοματεπώνυμο", "Επώνυμο", "Επαφή", "Υπάλληλος"),
    },
    Column.DEPARTMENT: {
        "en": ("Department", "Dept", "Division", "Unit", "Team"),
        "lv": ("Nodaļa", "Struktūrvienība", "Departaments"),
        "lt": ("Skyrius", "Padalinys", "Departamentas"),
        "el": ("Τμήμα",),
    },
    Column.RESPONSIBILITY: {
        "en": ("Responsible for", "Responsibility", "Responsibilities", "Role", "Position", "Job title", "Title"),
        "lv": ("Atbild par", "Atbildība", "Amats"),
        "lt": ("Atsakomybės sritis", "Atsako už", "Atsakomybė", "Pareigos"),
        "el": ("Αρμοδιότητες", "Αρμοδιότητα", "Υπεύθυνος για", "Θέση"),
    },
    Column.EMAIL: {
        "en": ("E-mail", "Email", "Mail", "E-mail address", "Email address"),
        "lv": ("E-pasts", "Epasts", "E-pasta adrese"),
        "lt": ("El. paštas", "Elektroninis paštas", "El. pašto adresas"),
        "el": ("E-mail", "Ηλ. ταχυδρομείο", "Ηλεκτρονικό ταχυδρομείο", "Ηλεκτρονική διεύθυνση"),
    },
    Column.LANGUAGE: {"en": ("Language",), "lv": ("Valoda",), "lt": ("Kalba",), "el": ("Γλώσσα",)},
    Column.ALSO_SPEAKS: {
        "en": ("Also speaks", "Languages", "Other languages"),
        "lv": ("Citas valodas", "Valodas", "Runā arī"),
        "lt": ("Kitos mokamos kalbos", "Taip pat kalba", "Kalbos", "Kitos kalbos"),
        "el": ("Μιλά επίσης", "Γλώσσες", "Άλλες γλώσσες"),
    },
    Column.HOURS: {
        "en": ("Hours", "Working hours", "Calendar", "Availability"),
        "lv": ("Darba laiks", "Kalendārs", "Pieejamība"),
        "lt": ("Darbo laikas", "Kalendorius", "Prieinamumas"),
        "el": ("Ωράριο", "Ημερολόγιο", "Διαθεσιμότητα"),
    },
    Column.DEFAULT: {
        "en": ("Default contact", "Default"),
        "lv": ("Noklusējuma kontaktpersona", "Noklusējums"),
        "lt": ("Numatytasis kontaktinis asmuo", "Numatytasis"),
        "el": ("Προεπιλεγμένη επαφή", "Προεπιλογή"),
    },
    Column.SMS: {
        "en": ("SMS when urgent", "Urgent SMS"),
        "lv": ("SMS steidzamos gadījumos",),
        "lt": ("SMS, kai skubu",),
        "el": ("SMS για επείγοντα",),
    },
    Column.NUMBER: {
        "en": ("Number", "Telephone number", "Phone number", "Telephone", "Phone", "Tel", "Mobile", "Mobile phone"),
        "lv": ("Numurs", "Tālruņa numurs", "Tālrunis", "Telefons", "Mobilais", "Mobilais tālrunis"),
        "lt": ("Numeris", "Telefono numeris", "Telefonas", "Mobilusis", "Mobilusis telefonas"),
        "el": ("Αριθμός", "Αριθμός τηλεφώνου", "Τηλέφωνο", "Κινητό", "Σταθερό"),
    },
    Column.LABEL: {
        "en": ("Label", "Number label", "Phone type"),
        "lv": ("Apzīmējums", "Numura apzīmējums"),
        "lt": ("Pavadinimas", "Numerio pavadinimas"),
        "el": ("Ετικέτα", "Ετικέτα αριθμού"),
    },
}
COUNTED = frozenset({Column.NUMBER, Column.LABEL})


def column_named(heading: str) -> Column:
    """What this heading means in any of the languages; NOTHING if that is not known."""
    return _KNOWN.get(_key(heading), Column.NOTHING)


def columns_named(headings: list[str]) -> list[Column]:
    """What these headings mean; what may be there once only is the first that is named so."""
    found: list[Column] = []
    for heading in headings:
        column = column_named(heading)
        is_too_many = column in COUNTED and found.count(column) >= MOST_NUMBERS
        is_again = column in found and column not in REPEATED
        found.append(Column.NOTHING if is_too_many or is_again else column)
    return found


def heading_of(column: Column, language: str, count: int = 0) -> str:
    """What our exports call it in this language: "Number 2" for the second."""
    names = HEADINGS[column]
    name = names.get(language.partition("-")[0], names["en"])[0]
    return f"{name} {count}" if count else name


def _key(heading: str) -> str:
    """Letters of a heading: neither case nor accents, signs or the figure at its end."""
    words = "".join(sign if unicodedata.category(sign)[0] in "LMN" else " " for sign in heading)
    return search_key(re.sub(r"\d+\s*$", "", words))


_KNOWN = {_key(name): column for column, names in HEADINGS.items() for each in names.values() for name in each}
