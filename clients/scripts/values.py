"""Answers as agents give them, read into the form in which they are kept and compared."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import override

from clients.scripts.definition import NO, YES, AnswerType, Ask, in_language
from clients.scripts.errors import AnswerInvalid

ANSWER_LIMIT = 2_000
_DAY_FIRST = re.compile(r"(\d{1,2})[./ -](\d{1,2})[./ -](\d{4})\.?")
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:[.,]\d{1,6})?")


def read_answer(ask: Ask, given: str, *, region: str = "") -> str:
    """The answer as it is kept: ISO dates, E.164 numbers, choices by their value; "" where nothing is required.

    `region` is the country in which a number without + is dialled. Raises AnswerInvalid.
    """
    text = given.replace("\r\n", "\n").replace("\x00", "").strip()
    if not text:
        if ask.is_required:
            raise AnswerInvalid(_("This must be answered."))
        return ""
    if len(text) > ANSWER_LIMIT:
        raise AnswerInvalid(_("At most %(count)s characters.") % {"count": ANSWER_LIMIT})
    return _READERS[ask.type](ask, text, region)


def show_answer(ask: Ask, value: str, language: str) -> str:
    """A kept answer as people read it in this language; a choice by its label."""
    if not ask.choices:
        return value
    choice = next((choice for choice in ask.choices if choice.value == value), None)
    if choice is None:
        return value
    return in_language(choice.label, language) or _spoken(value, language)


def _spoken(value: str, language: str) -> str:
    with override(language):
        return {YES: _("Yes"), NO: _("No")}.get(value, value)


def _text(ask: Ask, text: str, region: str) -> str:
    return text


def _choice(ask: Ask, text: str, region: str) -> str:
    if all(choice.value != text for choice in ask.choices):
        raise AnswerInvalid(_("Choose one of the answers."))
    return text


def _date(ask: Ask, text: str, region: str) -> str:
    match = _DAY_FIRST.fullmatch(text)
    try:
        if match:
            return date(int(match[3]), int(match[2]), int(match[1])).isoformat()
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise AnswerInvalid(_("There is no such date. Write it as 24.12.2026.")) from None


def _number(ask: Ask, text: str, region: str) -> str:
    compact = re.sub(r"\s", "", text)
    if not _NUMBER.fullmatch(compact):
        raise AnswerInvalid(_("A number is expected, such as 12 or 12.50."))
    try:
        return f"{Decimal(compact.replace(',', '.')):f}"
    except InvalidOperation:  # digits of other scripts that only look like numbers
        raise AnswerInvalid(_("A number is expected, such as 12 or 12.50.")) from None


def _phone(ask: Ask, text: str, region: str) -> str:
    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        raise AnswerInvalid(_("That is not a telephone number. Ask for it again, digit by digit.")) from None
    if not phonenumbers.is_possible_number(number):
        raise AnswerInvalid(_("That number has too few or too many digits. Ask for it again, digit by digit."))
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _email(ask: Ask, text: str, region: str) -> str:
    try:
        validate_email(text)
    except ValidationError:
        raise AnswerInvalid(_("That is not an e-mail address. Ask for it again, letter by letter.")) from None
    return text


_READERS: Mapping[AnswerType, Callable[[Ask, str, str], str]] = {
    AnswerType.TEXT: _text,
    AnswerType.CHOICE: _choice,
    AnswerType.YES_NO: _choice,
    AnswerType.DATE: _date,
    AnswerType.NUMBER: _number,
    AnswerType.PHONE: _phone,
    AnswerType.EMAIL: _email,
}
