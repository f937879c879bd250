"""How text stands in a cell: safe from spreadsheets that take it for a formula, and back again unchanged.

OWASP, "CSV Injection": what begins with one of these signs gets an apostrophe before it, every cell stands in
quotation marks and quotation marks in it are doubled (the CSV writer's part). What begins with apostrophes and then
such a sign gets one more, so that taking one away always gives what was there.
"""

import re

from answering.accounts.models import Language
from clients.imports.columns import Column

_DANGEROUS = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_ESCAPED = re.compile("'+[=+\\-@\t\r\n＝＋－＠]")

YES = {"en": "yes", "lv": "jā", "lt": "taip", "el": "ναι"}
_YES = frozenset({*YES.values(), "y", "x", "1", "true", "ja", "✓", "✔", "+", "j", "t", "ν"})
_NO = frozenset({"", "no", "n", "0", "false", "nē", "ne", "όχι", "οχι", "-", "–"})

LANGUAGE_NAMES: dict[str, tuple[str, ...]] = {
    Language.ENGLISH: ("en", "eng", "english", "angļu", "anglų", "αγγλικά"),
    Language.LATVIAN: ("lv", "lav", "latvian", "latviešu", "latvių", "λετονικά", "λεττονικά"),
    Language.LITHUANIAN: ("lt", "lit", "lithuanian", "lietuviešu", "lietuvių", "λιθουανικά"),
    Language.GREEK: ("el", "gr", "gre", "ell", "greek", "grieķu", "graikų", "ελληνικά"),
}
_LANGUAGES = {name: str(code) for code, names in LANGUAGE_NAMES.items() for name in names}


def escaped(text: str) -> str:
    """The text as a cell of an export."""
    return f"'{text}" if _DANGEROUS.match(text) else text


def unescaped(cell: str) -> str:
    """The text that `escaped` made this cell of; any other cell as it is."""
    return cell[1:] if _ESCAPED.match(cell) else cell


def yes_or_no(text: str) -> bool | None:
    """What is meant, in any of the languages; None if that is not clear."""
    word = text.strip().casefold()
    if word in _YES:
        return True
    return False if word in _NO else None


def language_code(text: str) -> str | None:
    """The code of a language given by code or name; None for one that is not spoken here."""
    return _LANGUAGES.get(text.strip().casefold())


def language_codes(text: str) -> tuple[list[str], str]:
    """The codes of several languages in a cell, and the first word that is none of them."""
    codes: list[str] = []
    for word in re.split(r"[\s,;/+]+", text.strip()):
        code = language_code(word)
        if code is None and word:
            return [], word
        if code is not None and code not in codes:
            codes.append(code)
    return codes, ""


LONGEST: dict[Column, int] = {
    Column.NAME: 120,
    Column.DEPARTMENT: 120,
    Column.RESPONSIBILITY: 200,
    Column.EMAIL: 254,
    Column.LABEL: 40,
}
