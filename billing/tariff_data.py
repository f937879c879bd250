"""Reading the pieces of a tariff: every reader raises TariffInvalid with the name of what is wrong."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

HIGHEST = 10**6
DECIMALS = 12
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", re.ASCII)


class RatingError(ValueError):
    """A call that cannot be priced."""


class TariffInvalid(RatingError):
    """The tariff cannot be meant so, or says nothing about a moment of the call."""


def read_entries(value: object, where: str, known: Sequence[str] | None = None) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TariffInvalid(f"{where}: a mapping is needed, not {value!r}.")
    if known is not None and (unknown := set(value) - set(known)):
        raise TariffInvalid(f"{where}: unknown entries: {', '.join(sorted(map(str, unknown)))}.")
    return value


def read_list(value: object, where: str) -> Sequence[Any]:
    if not isinstance(value, (list, tuple)):
        raise TariffInvalid(f"{where}: a list is needed, not {value!r}.")
    return value


def read_amount(value: object, where: str) -> Decimal:
    """Read an amount of money from 0 to HIGHEST with at most DECIMALS places."""
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise TariffInvalid(f"{where}: an amount is text, a whole number or Decimal, not {value!r}.")
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise TariffInvalid(f"{where}: not a number: {value!r}.") from None
    if not amount.is_finite() or not 0 <= amount <= HIGHEST:
        raise TariffInvalid(f"{where}: out of range, 0 to {HIGHEST}: {value}.")
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -DECIMALS:
        raise TariffInvalid(f"{where}: more than {DECIMALS} decimals: {value}.")
    return abs(amount)


def read_whole(value: object, where: str, lowest: int, highest: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        raise TariffInvalid(f"{where}: a whole number from {lowest} to {highest} is needed, not {value!r}.")
    return value


def read_numbers(value: object, where: str, highest: int) -> frozenset[int]:
    """Read a list of numbers from 1 on; None, the entry left out, means all and gives the empty set."""
    if value is None:
        return frozenset()
    numbers = read_list(value, where)
    if not numbers:
        raise TariffInvalid(f"{where}: leave the entry out to mean all; an empty list would never hold.")
    return frozenset(read_whole(number, where, 1, highest) for number in numbers)


def read_time(value: object) -> int:
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise TariffInvalid(f"start_time: not a time of day (HH:MM:SS): {value!r}.")
    return int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3] or 0)


def read_zone(name: object) -> ZoneInfo:
    with suppress(KeyError, ValueError, OSError):
        if isinstance(name, str) and name:
            return ZoneInfo(name)
    raise TariffInvalid(f"Unknown time zone: {name!r}.")


def time_as_text(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
