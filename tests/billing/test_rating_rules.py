"""Each rule of a call's price, as a sentence."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from billing.call_tariff import Day
from billing.rating import (
    CallTariff,
    IntervalInvalid,
    PartKind,
    PricePart,
    RatingError,
    TariffInvalid,
    price_call,
    price_intervals,
)

FRIDAY = datetime(2026, 6, 5, 12, 0, tzinfo=UTC)


def rate(per_unit: str, unit_s: int = 1, increment_s: int = 1, from_s: int = 0) -> dict[str, Any]:
    return {"from_s": from_s, "rate": per_unit, "unit_s": unit_s, "increment_s": increment_s}


def slot(*rates: dict[str, Any], fee: str = "0", weight: int = 10, **more: Any) -> dict[str, Any]:
    caps = {key: more.pop(key) for key in ("max_cost", "max_cost_strategy") if key in more}
    return {"timing": more, "connect_fee": fee, "rates": list(rates), "weight": weight} | caps


def tariff(*slots: dict[str, Any], **more: Any) -> CallTariff:
    return CallTariff.from_dict({"slots": list(slots)} | more)


def usage(parts: Iterable[PricePart]) -> list[tuple[int, int, Decimal | None]]:
    return [(part.band, part.seconds, part.rate) for part in parts if part.kind is PartKind.USAGE]


def test_no_billable_second_costs_nothing_not_even_the_connect_fee() -> None:
    prices = tariff(slot(rate("1"), fee="0.15"))

    assert price_call(prices, FRIDAY, 0).exact == 0
    assert price_call(prices, FRIDAY, 0).parts == ()
    assert price_intervals(prices, []).exact == 0


def test_a_price_shows_the_connect_fee_and_the_seconds_at_their_rate() -> None:
    price = price_call(tariff(slot(rate("0.90", 60), fee="0.15")), FRIDAY, 67)

    assert price.exact == Decimal("1.155")
    assert price.charged_seconds == 67
    assert price.parts == (
        PricePart(PartKind.CONNECT_FEE, Decimal("0.15"), 0, FRIDAY),
        PricePart(PartKind.USAGE, Decimal("1.005"), 0, FRIDAY, 67, Decimal("0.90"), 60, 1),
    )


def test_an_increment_is_charged_whole() -> None:
    price = price_call(tariff(slot(rate("0.60", 60, 30))), FRIDAY, 31)

    assert price.exact == Decimal("0.60")
    assert price.charged_seconds == 60


def test_an_increment_that_crosses_into_the_next_step_delays_it() -> None:
    price = price_call(tariff(slot(rate("2", 1, 60), rate("1", 1, 1, from_s=30))), FRIDAY, 65)

    assert usage(price.parts) == [(0, 60, Decimal(2)), (0, 5, Decimal(1))]


def test_an_increment_that_crosses_into_the_next_band_is_priced_where_it_starts() -> None:
    prices = tariff(slot(rate("1", 60, 60)), slot(rate("2", 60, 60), start_time="12:01:30"))

    price = price_call(prices, FRIDAY, 150)

    assert usage(price.parts) == [(0, 120, Decimal(1)), (1, 60, Decimal(2))]
    assert price.parts[1].started_at == FRIDAY + timedelta(seconds=120)


def test_steps_run_over_accumulated_seconds_of_all_intervals() -> None:
    prices = tariff(slot(rate("3"), rate("1", from_s=60)))

    price = price_intervals(prices, [(FRIDAY, 40), (FRIDAY + timedelta(minutes=5), 40)])

    assert usage(price.parts) == [(0, 40, Decimal(3)), (0, 20, Decimal(3)), (0, 20, Decimal(1))]


def test_steps_go_on_in_another_band() -> None:
    day, evening = slot(rate("9")), slot(rate("5"), rate("1", from_s=60), start_time="12:01:00")

    assert usage(price_call(tariff(day, evening), FRIDAY, 90).parts) == [(0, 60, Decimal(9)), (1, 30, Decimal(1))]


def test_an_increment_paid_in_one_interval_covers_the_seconds_of_the_next() -> None:
    price = price_intervals(tariff(slot(rate("1", 1, 60))), [(FRIDAY, 10), (FRIDAY + timedelta(minutes=5), 30)])

    assert price.exact == 60


def test_the_next_interval_starts_where_the_paid_increment_ends() -> None:
    later = FRIDAY + timedelta(minutes=5)

    price = price_intervals(tariff(slot(rate("1", 1, 60))), [(FRIDAY, 10), (later, 60)])

    assert price.charged_seconds == 120
    assert price.parts[1].started_at == later + timedelta(seconds=50)


def test_the_connect_fee_is_charged_once_from_the_first_band() -> None:
    prices = tariff(slot(rate("1"), fee="0.10"), slot(rate("1"), fee="5", start_time="12:01:00"))

    assert price_call(prices, FRIDAY, 120).exact == Decimal("120.10")


def test_the_heaviest_slot_wins_then_the_latest_start_then_the_first_listed() -> None:
    prices = tariff(
        slot(rate("1"), weight=20),
        slot(rate("2"), weight=10, start_time="11:00:00"),
        slot(rate("3"), weight=20, start_time="10:00:00"),
        slot(rate("4"), weight=20, start_time="10:00:00"),
        slot(rate("5"), weight=20, start_time="13:00:00"),
        slot(rate("6"), weight=30, weekdays=[6, 7]),
    )

    assert usage(price_call(prices, FRIDAY, 1).parts) == [(2, 1, Decimal(3))]


def test_slots_hold_by_weekday_month_and_day_of_the_month() -> None:
    prices = tariff(
        slot(rate("1")),
        slot(rate("2"), weight=20, weekdays=[5], months=[6], month_days=[12, 26]),
    )

    bands = [usage(price_call(prices, FRIDAY + timedelta(days=n), 1).parts)[0][0] for n in range(9)]

    assert bands == [0, 0, 0, 0, 0, 0, 0, 1, 0]


def test_bands_follow_the_clock_of_the_tariffs_zone() -> None:
    prices = tariff(slot(rate("1")), slot(rate("2"), start_time="15:00:00"), timezone="Europe/Riga")

    assert usage(price_call(prices, FRIDAY - timedelta(seconds=10), 30).parts) == [
        (0, 10, Decimal(1)),
        (1, 20, Decimal(2)),
    ]


@pytest.mark.parametrize(("day", "night_s"), [(28, 2 * 3600), (29, 3600), (30, 2 * 3600)])
def test_a_band_is_an_hour_shorter_on_the_day_the_clock_goes_forward(day: int, night_s: int) -> None:
    # In Riga 03:00 to 04:00 is missing on 2026-03-29.
    prices = tariff(
        slot(rate("1")),
        slot(rate("2"), start_time="02:30:00"),
        slot(rate("1"), start_time="04:30:00"),
        timezone="Europe/Riga",
    )
    noon_before = datetime(2026, 3, day - 1, 10, tzinfo=UTC)

    price = price_call(prices, noon_before, 86_400)

    assert sum(seconds for band, seconds, _ in usage(price.parts) if band == 1) == night_s


def test_a_band_comes_twice_when_the_clock_goes_back_over_its_start() -> None:
    # In Riga 03:00 to 04:00 comes twice on 2026-10-25: first from 00:00 UTC, again from 01:00 UTC.
    prices = tariff(slot(rate("1")), slot(rate("2"), start_time="03:30:00"), timezone="Europe/Riga")

    price = price_call(prices, datetime(2026, 10, 24, 23, 0, tzinfo=UTC), 4 * 3600)

    assert [(band, seconds) for band, seconds, _ in usage(price.parts)] == [
        (0, 5400),
        (1, 1800),
        (0, 1800),
        (1, 5400),
    ]


def test_a_call_of_26_hours_runs_through_every_band_and_joins_what_is_alike() -> None:
    prices = tariff(
        slot(rate("0.60", 60)),
        slot(rate("1.20", 60), start_time="08:00:00"),
        slot(rate("0.60", 60), start_time="19:00:00"),
    )

    price = price_call(prices, FRIDAY, 26 * 3600)

    assert [(band, seconds // 3600) for band, seconds, _ in usage(price.parts)] == [(1, 7), (2, 5), (0, 8), (1, 6)]
    assert price.exact == 13 * 72 + 13 * 36


def test_one_rate_for_days_on_end_is_one_part() -> None:
    flat = tariff(slot(rate("1"), weekdays=[1, 2, 3, 4, 5, 6, 7]))

    assert usage(price_call(flat, FRIDAY, 200_000).parts) == [(0, 200_000, Decimal(1))]


def test_the_cap_includes_the_connect_fee_and_shows_what_it_takes_off() -> None:
    prices = tariff(slot(rate("1"), fee="5"), max_cost="20")

    assert price_call(prices, FRIDAY, 15).parts[-1].kind is PartKind.USAGE
    price = price_call(prices, FRIDAY, 67)
    assert price.exact == price.fraction == 20
    assert price.parts[-1] == PricePart(PartKind.CAP, Decimal(-52), 0, FRIDAY)
    assert sum(part.amount for part in price.parts) == 20


def test_the_cap_of_the_slot_in_which_a_call_starts_beats_the_tariffs() -> None:
    prices = tariff(slot(rate("1")), slot(rate("1"), start_time="13:00:00", max_cost="7"), max_cost="30")

    assert price_call(prices, FRIDAY, 7200).exact == 30
    assert price_call(prices, FRIDAY + timedelta(hours=1), 7200).exact == 7


def test_what_divides_badly_stays_exact() -> None:
    third = tariff(slot(rate("0.10", 60)), slot(rate("0.10", 60), start_time="12:00:20"))

    price = price_call(third, FRIDAY, 60)

    assert [part.fraction for part in price.parts] == [Fraction(1, 30), Fraction(2, 30)]
    assert price.exact == Decimal("0.1")
    assert price_call(third, FRIDAY, 10).fraction == Fraction(1, 60)


def test_the_longest_price_that_is_a_decimal_is_not_cut_off() -> None:
    price = price_call(tariff(slot(rate("999999.123456789012", 524_288), fee="0.000000000001")), FRIDAY, 99_999_999)

    assert Fraction(price.exact) == price.fraction


def test_the_fraction_of_a_second_at_the_start_does_not_count() -> None:
    price = price_call(tariff(slot(rate("1"))), FRIDAY + timedelta(microseconds=999_999), 1)

    assert price.parts[0].started_at == FRIDAY


def test_a_moment_that_no_slot_covers_has_no_price() -> None:
    weekdays = tariff(slot(rate("1"), weekdays=[1, 2, 3, 4, 5]), timezone="Europe/Riga")

    with pytest.raises(TariffInvalid, match=r"No slot covers 2026-06-06 00:00:00 \(Europe/Riga\)"):
        price_call(weekdays, FRIDAY, 86_400)


@pytest.mark.parametrize(
    ("slots", "gap"),
    [
        ([slot(rate("1"))], None),
        ([slot(rate("1"), weekdays=[1, 2, 3, 4, 5]), slot(rate("1"), weekdays=[6, 7])], None),
        ([slot(rate("1"), weekdays=[1, 2, 3, 4, 5])], Day(6, 1, 1)),
        ([slot(rate("1"), start_time="08:00:00")], Day(1, 1, 1)),
        ([slot(rate("1"), month_days=list(range(1, 31))), slot(rate("1"), months=[1, 3, 5, 7, 8, 10])], Day(1, 12, 31)),
    ],
)
def test_a_tariff_tells_the_first_day_it_says_nothing_about(slots: list[dict[str, Any]], gap: Day | None) -> None:
    assert tariff(*slots).first_gap() == gap


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rates": []}, "first rate of a slot starts at second 0"),
        ({"rates": [rate("1", from_s=5)]}, "first rate of a slot starts at second 0"),
        ({"rates": [rate("1"), rate("1", from_s=0)]}, "ascending"),
        ({"rates": [rate("-0.01")]}, "rate: out of range"),
        ({"rates": [rate("NaN")]}, "rate: out of range"),
        ({"rates": [rate("Infinity")]}, "rate: out of range"),
        ({"rates": [rate("1000000.01")]}, "rate: out of range"),
        ({"rates": [rate("0.0000000000001")]}, "rate: more than 12 decimals"),
        ({"rates": [rate("a lot")]}, "rate: not a number"),
        ({"rates": [rate("1") | {"rate": 0.1}]}, "rate: an amount is text"),
        ({"rates": [rate("1") | {"rate": None}]}, "rate: an amount is text"),
        ({"rates": [rate("1", unit_s=0)]}, "unit_s: a whole number"),
        ({"rates": [rate("1", increment_s=0)]}, "increment_s: a whole number"),
        ({"rates": [rate("1", increment_s=-6)]}, "increment_s: a whole number"),
        ({"rates": [rate("1") | {"step": 1}]}, "rates: unknown entries: step"),
        ({"rates": None}, "rates: a list is needed"),
        ({"connect_fee": "-1"}, "connect_fee: out of range"),
        ({"weight": "10"}, "weight: a whole number"),
        ({"max_cost": "-1"}, "max_cost: out of range"),
        ({"max_cost_strategy": "disconnect"}, "max_cost_strategy"),
        ({"timing": {"weekdays": [0]}}, "weekdays: a whole number from 1 to 7"),
        ({"timing": {"months": [13]}}, "months: a whole number from 1 to 12"),
        ({"timing": {"month_days": []}}, "month_days: leave the entry out"),
        ({"timing": {"start_time": "24:00:00"}}, "start_time: not a time of day"),
        ({"timing": {"hours": []}}, "timing: unknown entries: hours"),
        ({"price": "1"}, "slot: unknown entries: price"),
    ],
)
def test_a_tariff_that_cannot_be_meant_so_is_refused_and_the_mistake_named(
    change: dict[str, Any], message: str
) -> None:
    with pytest.raises(TariffInvalid, match=message):
        tariff(slot(rate("1")) | change)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "slots: a list is needed"),
        ({"slots": []}, "at least one slot"),
        ([], "tariff: a mapping is needed"),
        ({"slots": [slot(rate("1"))], "timezone": "Mars/Olympus"}, "Unknown time zone"),
        ({"slots": [slot(rate("1"))], "max_cost": "NaN"}, "max_cost: out of range"),
    ],
)
def test_a_tariff_without_slots_or_sense_is_refused(data: Any, message: str) -> None:
    with pytest.raises(TariffInvalid, match=message):
        CallTariff.from_dict(data)


@pytest.mark.parametrize(
    "intervals",
    [
        [(FRIDAY, -1)],
        [(FRIDAY, 1.5)],
        [(FRIDAY, True)],
        [(FRIDAY, 10**9)],
        [(FRIDAY.replace(tzinfo=None), 10)],
        [(FRIDAY, 60), (FRIDAY + timedelta(seconds=59), 60)],
        [(FRIDAY, 60), (FRIDAY - timedelta(hours=1), 60)],
    ],
)
def test_billable_time_that_cannot_be_is_refused(intervals: Any) -> None:
    with pytest.raises(IntervalInvalid):
        price_intervals(tariff(slot(rate("1"))), intervals)


def test_every_refusal_is_a_value_error_of_one_family() -> None:
    assert issubclass(TariffInvalid, RatingError)
    assert issubclass(IntervalInvalid, RatingError)
    assert issubclass(RatingError, ValueError)


def test_a_tariff_is_a_value_that_can_be_written_compared_and_not_changed() -> None:
    night = slot(rate("0.5", 60, 6), rate("0.1", 60, 1, from_s=60), fee="0.15", start_time="19:30:15", weekdays=[1, 5])
    one = tariff(slot(rate("1"), max_cost="9.50", months=[12]), night, timezone="Europe/Athens", max_cost="30")

    assert CallTariff.from_dict(json.loads(json.dumps(one.to_dict()))) == one
    assert len({one, CallTariff.from_dict(one.to_dict())}) == 1
    with pytest.raises(AttributeError):
        one.timezone = "UTC"  # type: ignore[misc]
