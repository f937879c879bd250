"""Which encoding a file is in: told for sure by its marks, else guessed by the letters that come out."""

import codecs
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

UTF8, UTF16_LE, UTF16_BE = "utf-8", "utf-16-le", "utf-16-be"
BALTIC, GREEK, WESTERN, CYRILLIC = "windows-1257", "windows-1253", "windows-1252", "windows-1251"
# What a person can choose; the names are proper names and stay as they are in every language.
ENCODINGS = {
    UTF8: "UTF-8",
    UTF16_LE: "UTF-16",
    UTF16_BE: "UTF-16 (big-endian)",
    BALTIC: "Windows-1257 (Baltic)",
    GREEK: "Windows-1253 (Greek)",
    WESTERN: "Windows-1252 (Western)",
    CYRILLIC: "Windows-1251 (Cyrillic)",
    "iso-8859-1": "ISO-8859-1",
    "iso-8859-4": "ISO-8859-4",
    "iso-8859-7": "ISO-8859-7 (Greek)",
    "iso-8859-13": "ISO-8859-13 (Baltic)",
    "iso-8859-15": "ISO-8859-15",
    "cp775": "DOS 775 (Baltic)",
    "cp737": "DOS 737 (Greek)",
}
_MARKS = ((codecs.BOM_UTF8, UTF8), (codecs.BOM_UTF16_LE, UTF16_LE), (codecs.BOM_UTF16_BE, UTF16_BE))
# Of those that suit a text equally well the first is taken.
_GUESSES = (BALTIC, CYRILLIC, GREEK, WESTERN, "iso-8859-13", "iso-8859-7", "iso-8859-4", "cp775", "cp737")
_GUESSES_FOR = {
    "el": (GREEK, "iso-8859-7", BALTIC, WESTERN, CYRILLIC, "cp737", "iso-8859-13"),
    "en": (WESTERN, *(guess for guess in _GUESSES if guess != WESTERN)),
}
_TELLING_BYTES = 8192
_OWN_LETTERS = {
    "lv": frozenset("āčēģīķļņšūžĀČĒĢĪĶĻŅŠŪŽ"),
    "lt": frozenset("ąčęėįšųūžĄČĘĖĮŠŲŪŽ"),
    "el": frozenset(chr(code) for code in range(0x386, 0x3CF)),
}
_BALTIC_LETTERS = _OWN_LETTERS["lv"] | _OWN_LETTERS["lt"]
_ICELANDIC = frozenset("ðþÐÞ")  # what š and ž of Windows-1257 look like in Windows-1252
_SIGNS = frozenset("„“”‚‘’–—…«»€№·•´§©®°")


def encoding_of(sample: bytes, pieces: Callable[[], Iterable[bytes]], language: str) -> str:
    """The encoding of a file that begins with `sample`; `pieces` gives all of it, again whenever asked.

    UTF-8 and UTF-16 are told for sure. Of the old ones the best guess for a client of this language, of those in
    which the whole file can be read (Windows-1257 if in none).
    """
    marked = next((name for mark, name in _MARKS if sample.startswith(mark)), None) or _by_zeros(sample)
    if marked:
        return marked
    if can_be_read(pieces(), UTF8):
        return UTF8
    telling = b"\n".join(line for line in sample.splitlines() if not line.isascii())[:_TELLING_BYTES]
    ranked = sorted(
        _GUESSES_FOR.get(language, _GUESSES), key=lambda name: _likelihood(telling, name, language), reverse=True
    )
    return next((name for name in ranked if can_be_read(pieces(), name)), BALTIC)


def can_be_read(pieces: Iterable[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for piece in pieces:
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def beginning(sample: bytes, encoding: str) -> str:
    """The text of a file's first bytes, without the mark and without a letter that is cut off."""
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(sample)
    return text.removeprefix("\ufeff")


def _by_zeros(sample: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of most texts is zero."""
    half = max(len(sample) // 2, 1)
    if sample[1::2].count(0) > half * 0.3:
        return UTF16_LE
    return UTF16_BE if sample[::2].count(0) > half * 0.3 else None


def _likelihood(sample: bytes, encoding: str, language: str) -> float:
    """How much like words the text looks that this encoding makes of the sample."""
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(sample)
    near = _BALTIC_LETTERS if language != "en" else frozenset()
    value = sum(_sign_value(sign, _OWN_LETTERS.get(language, near), near) for sign in text if not sign.isascii())
    return value - sum(map(_oddness, _words(text)))


def _sign_value(sign: str, own: frozenset[str], near: frozenset[str]) -> float:
    if sign in own:
        return 3
    if sign.isalpha() and sign not in _ICELANDIC:
        return 2 if sign in near else 1
    if sign in _SIGNS or sign == "\xa0":
        return 0.5
    return -10 if unicodedata.category(sign) in ("Cc", "Cn", "Co") or sign == "\ufffd" else -3


def _words(text: str) -> Iterator[str]:
    word = ""
    for sign in text:
        if sign.isalpha():
            word += sign
        elif word:
            yield word
            word = ""
    if word:
        yield word


def _oddness(word: str) -> float:
    """What no word has: letters of two alphabets, a capital after a small letter, Latin letters all with marks."""
    if word.isascii():
        return 0
    scripts = [_script(sign) for sign in word]
    mixed = sum(one != next_ for one, next_ in pairwise(scripts))
    humps = sum(one.islower() and next_.isupper() for one, next_ in pairwise(word))
    return 5 * mixed + 3 * humps + 3 * _marked_run(word, scripts)


def _marked_run(word: str, scripts: list[str]) -> int:
    """How many Latin letters with marks follow two others."""
    run = beyond = 0
    for sign, script in zip(word, scripts, strict=True):
        run = run + 1 if script == "latin" and not sign.isascii() else 0
        beyond += run > 2
    return beyond


def _script(sign: str) -> str:
    code = ord(sign)
    if 0x370 <= code < 0x400:
        return "greek"
    return "cyrillic" if 0x400 <= code < 0x530 else "latin"
