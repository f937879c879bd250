"""Foreign text made fit for rows and letters: what a database, a mail server or a reader's eye cannot bear goes."""

import re
import unicodedata

# Line and paragraph breaks count as line breaks, whatever their sign.
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Signs that turn the direction of what follows, beyond the end of a name (Unicode UAX #9, 2.1-2.4).
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_REPLACEMENT = "\ufffd"
SMS_LIMIT = 1600  # signs of one message, in UTF-16 units, that Twilio takes and cuts into parts


def one_line(text: str, limit: int) -> str:
    """Words separated by single spaces, without control signs, at most `limit` characters; cut with an ellipsis."""
    line = _DIRECTIONS.sub("", " ".join(plain_text(text).split()))
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def sms_text(text: str, limit: int) -> str:
    """Lines without control signs or blanks around, at most `limit` UTF-16 units; cut with three dots.

    An ellipsis would turn a text of plain letters into one that is charged as twice as many parts.
    """
    lines = (_DIRECTIONS.sub("", line).strip() for line in plain_text(text).replace("\t", " ").split("\n"))
    whole = re.sub("\n{3,}", "\n\n", "\n".join(lines)).strip()
    if _units(whole) <= limit:
        return whole
    while _units(whole) > limit - 3:
        whole = whole[: -max(1, (_units(whole) - limit + 3) // 2)]
    return f"{whole.rstrip()}..."


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


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
