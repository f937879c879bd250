"""Rounding and proration of money: exact numbers in, minor units out, no floats."""

import re
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from fractions import Fraction

_CODE = re.compile(r"[A-Z]{3}", re.ASCII)
# ISO 4217, list one: the currencies whose minor unit is not a hundredth.
_OTHERS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_DIGITS = {code: digits for digits, codes in _OTHERS.items() for code in codes.split()}
_CONTEXT = Context(prec=80, rounding=ROUND_HALF_UP)


def minor_digits(currency: str) -> int:
    """Give the decimals of a currency's minor unit by its ISO 4217 code; ValueError if it is not such a code."""
    if not _CODE.fullmatch(currency):
        raise ValueError(f"Not a currency code: {currency!r}.")
    return _DIGITS.get(currency, 2)


def round_money(amount: Decimal | Fraction | int, currency: str) -> Decimal:
    """Round once to the minor unit, halves away from zero, so that a credit note mirrors its invoice.

    Takes a Fraction where the exact amount is no Decimal. Never gives a negative zero. ValueError if the amount
    is a float, not finite, or longer than any sum of money.
    """
    unit = Decimal(1).scaleb(-minor_digits(currency))
    try:
        rounded = _as_decimal(amount, unit).quantize(unit, context=_CONTEXT)
    except InvalidOperation:
        raise ValueError(f"Not an amount: {amount}.") from None
    return rounded or abs(rounded)


def prorate_ratio(start: date, end: date, *, fixed_days: int | None = None) -> Fraction:
    """Give the months from start to end, end not included, as an exact number.

    Whole months count from start (the 31st becomes a shorter month's last day), what remains is divided by the
    days of the month it lies in. With fixed_days every month has that many: 30 gives the 30/360 count, in which
    the 31st is the 30th. Multiply a monthly price by it and round the product by round_money.
    """
    if end < start:
        raise ValueError(f"A period ends before it starts: {start} to {end}.")
    months = (end.year - start.year) * 12 + end.month - start.month
    if fixed_days is not None:
        if fixed_days <= 0:
            raise ValueError(f"A month has at least one day, not {fixed_days}.")
        return months + Fraction(min(end.day, fixed_days) - min(start.day, fixed_days), fixed_days)
    if _months_later(start, months) > end:
        months -= 1
    begin, finish = _months_later(start, months), _months_later(start, months + 1)
    return months + Fraction((end - begin).days, (finish - begin).days)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first, following = date(year, month + 1, 1), date(year + month // 11, (month + 1) % 12 + 1, 1)
    return min(first + timedelta(days=day.day - 1), following - timedelta(days=1))


def _as_decimal(amount: Decimal | Fraction | int, unit: Decimal) -> Decimal:
    """Give a Decimal that rounds to the unit as the amount does."""
    if isinstance(amount, (int, Fraction)):
        halves = abs(Fraction(amount)) / Fraction(unit) * 2
        size = _CONTEXT.multiply((halves.numerator // halves.denominator + 1) // 2, unit)
        return size if amount >= 0 else _CONTEXT.minus(size)
    if isinstance(amount, Decimal) and amount.is_finite():
        return amount
    raise ValueError(f"Not an exact amount: {amount!r}.")
