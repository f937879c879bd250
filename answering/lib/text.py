"""Keys to search and to sort names by, made in Python because databases differ in their collations.

``sort_key`` follows the alphabets of the four languages as the Unicode CLDR describes them; the key compares
right by plain code points (``COLLATE "C"``). It has three levels, separated by a control character that is
lower than any other in it:

1. letters. Punctuation and symbols count as a space, quotation marks and apostrophes not at all. A letter that
   follows another in a language's alphabet (Latvian č after c) is that one and a sign above all letters, so
   that č follows every c-word and precedes d. Greek sorts Greek before Latin.
2. accents, where the letters agree: Lithuanian i, į, y; Latvian a, ā; Greek α, ά.
3. case, small first.
"""

import unicodedata
from functools import lru_cache

_LEVEL = "\x01"
_AFTER = "\uf8ff"
_PLAIN, _SMALL, _CAPITAL = ".", "0", "1"
# Letters that Unicode does not decompose, with what people type for them.
_BARE = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe"})
_QUOTES = frozenset("\"'`´‘’‚‛“”„‟«»‹›ʼʹ΄")
_ALPHABETS: dict[str, dict[str, tuple[str, str]]] = {
    "lv": {letter: (unicodedata.normalize("NFD", letter)[0] + _AFTER, _PLAIN) for letter in "čģķļņŗšž"}
    | {"y": ("i", "\uf8fe" + _PLAIN)},  # after ī, which has its mark
    "lt": {letter: (unicodedata.normalize("NFD", letter)[0] + _AFTER, _PLAIN) for letter in "čšž"}
    | {"ą": ("a", "1."), "ę": ("e", "1."), "ė": ("e", "2."), "į": ("i", "1."), "y": ("i", "2.")}
    | {"ų": ("u", "1."), "ū": ("u", "2.")},
    "el": {chr(code): (chr(code + 0xFEE0), _PLAIN) for code in range(ord("a"), ord("z") + 1)},
}


def search_key(text: str) -> str:
    """Give what a search compares: no case, no accents (ς is σ), no invisible signs, single spaces, none around.

    Applied to both sides, so that "Čakare" is found by "cakare" and "Ρήγας" by "ρηγασ".
    """
    return " ".join(_bare(_bare(text)).split())


def sort_key(text: str, language: str) -> str:
    """Give the key by which a list in this language ("lv", "lt", "el", "en", also "en-gb") is sorted.

    Another language gets the common order of Latin, Greek, Cyrillic letters, accents second.
    """
    alphabet = language.partition("-")[0].lower()
    weights = [_weight(letter, alphabet) for letter in " ".join(_letters(text).split())]
    letters, accents, cases = ("".join(level) for level in zip(*weights, strict=True)) if weights else ("", "", "")
    return _LEVEL.join((letters, accents.rstrip(_PLAIN), cases.rstrip(_SMALL))).rstrip(_LEVEL)


def _bare(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    kept = (sign for sign in decomposed if not unicodedata.combining(sign) and unicodedata.category(sign) != "Cf")
    return "".join(kept).casefold().translate(_BARE)


def _letters(text: str) -> str:
    """Leave letters, marks and digits, composed; quotes vanish, all else becomes a space."""
    signs = (sign for sign in unicodedata.normalize("NFC", text) if sign not in _QUOTES)
    return "".join(sign if unicodedata.category(sign)[0] in "LMN" else " " for sign in signs)


@lru_cache(maxsize=4096)
def _weight(letter: str, alphabet: str) -> tuple[str, str, str]:
    small = letter.casefold()
    case = _SMALL if letter == letter.lower() else _CAPITAL
    if found := _ALPHABETS.get(alphabet, {}).get(small):
        return *found, case
    decomposed = unicodedata.normalize("NFKD", small)
    base = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    marks = "".join(sign for sign in decomposed if unicodedata.combining(sign))
    bare = base.casefold().translate(_BARE)
    if bare != base:
        marks += "/"
    if alphabet == "el":
        bare = "".join(_ALPHABETS["el"].get(sign, (sign, ""))[0] for sign in bare)
    return bare, marks + _PLAIN, case
