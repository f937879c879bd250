"""Money is rounded once, half up, and months are divided without losing a cent."""

import json
import os
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answering.lib.money import minor_digits, prorate_ratio, round_money

VECTORS = Path(os.environ.get("VECTORS_DIR") or Path(__file__).parents[1] / "vectors")
CASES = json.loads((VECTORS / "money.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES["money_minor_units"], ids=lambda case: case["id"])
def test_tax_is_rounded_to_the_minor_unit(case: dict[str, Any]) -> None:
    net = Decimal(case["net"])

    tax = round_money(net * Decimal(case["tax_rate_pct"]) / 100, "EUR")

    assert net + tax == Decimal(case["expected_gross"])


@pytest.mark.parametrize("case", CASES["proration"], ids=lambda case: case["id"])
def test_a_part_of_a_month_is_prorated_as_elsewhere(case: dict[str, Any]) -> None:
    start, end = date.fromisoformat(case["from"]), date.fromisoformat(case["to"])

    ratio = prorate_ratio(start, end, fixed_days=case["fixed_days"])

    assert round(ratio, 9) == Fraction(case["expected_ratio_9dp"])


@pytest.mark.parametrize(("code", "digits"), [("EUR", 2), ("SEK", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("XYZ", 2)])
def test_a_currency_has_the_minor_unit_of_iso_4217(code: str, digits: int) -> None:
    assert minor_digits(code) == digits


@pytest.mark.parametrize("code", ["eur", "EURO", "E1R", "", "€", "EUR\n"])
def test_what_is_not_a_currency_code_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="Not a currency code"):
        minor_digits(code)


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("0.005", "EUR", "0.01"),
        ("0.004999999999999999999999999999999999999999", "EUR", "0.00"),
        ("2.675", "EUR", "2.68"),
        ("-2.675", "EUR", "-2.68"),
        ("0.5", "JPY", "1"),
        ("1.0005", "KWD", "1.001"),
        ("7", "EUR", "7.00"),
        ("123456789012345678901234567890.125", "EUR", "123456789012345678901234567890.13"),
    ],
)
def test_money_is_rounded_half_up_away_from_zero(amount: str, currency: str, rounded: str) -> None:
    assert str(round_money(Decimal(amount), currency)) == rounded
    assert str(round_money(Fraction(amount), currency)) == rounded


def test_nothing_is_never_negative() -> None:
    assert str(round_money(Decimal("-0.001"), "EUR")) == "0.00"
    assert str(round_money(Fraction(-1, 1000), "EUR")) == "0.00"
    assert str(round_money(0, "EUR")) == "0.00"


@pytest.mark.parametrize("amount", [0.5, Decimal("NaN"), Decimal("Infinity"), Decimal("1e90"), "1.00"])
def test_what_is_not_an_exact_amount_is_refused(amount: Any) -> None:
    with pytest.raises(ValueError, match="Not an"):
        round_money(amount, "EUR")


@given(st.fractions(-(10**9), 10**9), st.sampled_from(["JPY", "EUR", "KWD"]))
@settings(deadline=None)
def test_a_rounded_amount_is_the_nearest_and_mirrors_its_opposite(amount: Fraction, currency: str) -> None:
    unit = Fraction(1, 10 ** minor_digits(currency))

    rounded = Fraction(round_money(amount, currency))

    assert rounded / unit == rounded // unit
    assert abs(rounded - amount) <= unit / 2
    assert abs(rounded) >= abs(amount) or abs(rounded - amount) < unit / 2
    assert round_money(-amount, currency) == -rounded


@pytest.mark.parametrize(
    ("start", "end", "ratio"),
    [
        ("2026-01-01", "2026-02-01", "1"),
        ("2026-01-31", "2026-02-28", "1"),
        ("2026-01-31", "2026-03-30", "1 30/31"),
        ("2026-01-15", "2026-04-15", "3"),
        ("2025-12-10", "2026-01-10", "1"),
        ("2026-06-05", "2026-06-05", "0"),
        ("2026-02-01", "2026-02-15", "1/2"),
    ],
)
def test_whole_months_count_as_one_and_the_rest_by_its_days(start: str, end: str, ratio: str) -> None:
    expected = sum(map(Fraction, ratio.split()), Fraction(0))

    assert prorate_ratio(date.fromisoformat(start), date.fromisoformat(end)) == expected


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before it starts"):
        prorate_ratio(date(2026, 6, 2), date(2026, 6, 1))
    with pytest.raises(ValueError, match="at least one day"):
        prorate_ratio(date(2026, 6, 1), date(2026, 6, 2), fixed_days=0)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 800), st.integers(0, 60))
@settings(deadline=None)
def test_a_longer_period_is_never_a_smaller_part(start: date, days: int, more: int) -> None:
    end = start + timedelta(days=days)

    shorter, longer = prorate_ratio(start, end), prorate_ratio(start, end + timedelta(days=more))

    assert shorter <= longer
    assert not more or shorter < longer
    assert (days // 31) <= shorter <= (days // 28) + 1
