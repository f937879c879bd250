"""Foreign text made fit for rows and letters: what a database, a mail server or a reader's eye cannot bear goes."""

import re
import unicodedata

# Line and paragraph breaks count as line breaks, whatever their sign.
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Signs that turn the direction of what follows, beyond the end of a name (Unicode UAX #9, 2.1-2.4).
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_REPLACEMENT = "\ufffd"


def one_line(text: str, limit: int) -> str:
    """Words separated by single spaces, without control signs, at most `limit` characters; cut with an ellipsis."""
    line = _DIRECTIONS.sub("", " ".join(plain_text(text).split()))
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def plain_text(text: str) -> str:
    """Line breaks as LF, tabs kept, other control signs gone, half a surrogate pair replaced; none cut."""
    unbroken = _BREAKS.sub("\n", text)
    return "".join(_bearable(sign) for sign in unbroken)


def _bearable(sign: str) -> str:
    if sign in "\n\t" or sign.isprintable():
        return sign
    category = unicodedata.category(sign)
    if category == "Cs":
        return _REPLACEMENT
    return "" if category == "Cc" else sign
