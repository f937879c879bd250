"""The price of a call against one that asks for every second."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from billing.rating import CallPrice, CallTariff, PartKind, price_call, price_intervals

# Moments at which clocks change, and an ordinary one.
CHANGES = [
    ("Europe/Riga", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Europe/Athens", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    ("America/Sao_Paulo", datetime(2018, 2, 18, 2, tzinfo=UTC)),
    ("UTC", datetime(2024, 2, 29, tzinfo=UTC)),
]
thorough = settings(max_examples=100, deadline=None)


# The rules again, second by second, on the data of the tariff.


def slow_band(data: dict[str, Any], second: int) -> int:
    local = datetime.fromtimestamp(second, ZoneInfo(data["timezone"]))
    holding = []
    for n, slot in enumerate(data["slots"]):
        timing = slot["timing"]
        if (
            timing["start_time"] <= f"{local:%H:%M:%S}"
            and local.isoweekday() in timing.get("weekdays", range(8))
            and local.month in timing.get("months", range(13))
            and local.day in timing.get("month_days", range(32))
        ):
            holding.append((slot["weight"], timing["start_time"], -n))
    return -max(holding)[2]


def slow_price(data: dict[str, Any], intervals: list[tuple[datetime, int]]) -> tuple[Fraction, int]:
    """Give the price and the seconds charged."""
    seconds = [int(start.timestamp()) + n for start, length in intervals for n in range(length)]
    if not seconds:
        return Fraction(0), 0
    first = data["slots"][slow_band(data, seconds[0])]
    cost, paid = Fraction(first["connect_fee"]), 0
    for position, second in enumerate(seconds):
        if position < paid:
            continue
        rates = data["slots"][slow_band(data, second)]["rates"]
        step = [rate for rate in rates if rate["from_s"] <= position][-1]
        cost += Fraction(step["rate"]) * step["increment_s"] / step["unit_s"]
        paid += step["increment_s"]
    cap = first.get("max_cost", data.get("max_cost"))
    return min(cost, Fraction(cap)) if cap else cost, paid


amounts = st.integers(0, 5000).map(lambda n: str(Decimal(n).scaleb(-4)))


@st.composite
def rates(draw: st.DrawFn) -> list[dict[str, Any]]:
    starts = [0, *sorted(draw(st.sets(st.integers(1, 400), max_size=2)))]
    units, increments = st.sampled_from([1, 7, 60]), st.sampled_from([1, 1, 6, 30, 60, 90])
    return [
        {"from_s": start, "rate": draw(amounts), "unit_s": draw(units), "increment_s": draw(increments)}
        for start in starts
    ]


@st.composite
def slots(draw: st.DrawFn, change: datetime) -> dict[str, Any]:
    hour = draw(st.sampled_from([0, 1, 2, 2, 3, 3, 4, 23]) | st.integers(0, 23))
    timing: dict[str, Any] = {"start_time": f"{hour:02}:{draw(st.integers(0, 59)):02}:00"}
    near = {
        "weekdays": st.integers(1, 7),
        "months": st.sampled_from([change.month, 1, 12]),
        "month_days": st.sampled_from([change.day, change.day - 1, change.day + 1, change.month]),
    }
    for key, numbers in near.items():
        if draw(st.integers(0, 3)) == 0:
            timing[key] = draw(st.lists(numbers.filter(lambda number: number < 32), min_size=1, max_size=5))
    slot = {"timing": timing, "connect_fee": draw(amounts), "rates": draw(rates()), "weight": draw(st.integers(1, 2))}
    return slot | ({"max_cost": draw(amounts)} if draw(st.integers(0, 5)) == 0 else {})


@st.composite
def tariffs(draw: st.DrawFn) -> tuple[dict[str, Any], datetime]:
    zone, change = draw(st.sampled_from(CHANGES))
    always = {"timing": {"start_time": "00:00:00"}, "connect_fee": draw(amounts), "rates": draw(rates()), "weight": 1}
    data = {"timezone": zone, "slots": [*draw(st.lists(slots(change), max_size=4)), always]}
    if draw(st.integers(0, 3)) == 0:
        data["max_cost"] = draw(st.integers(100, 30_000).map(str))
    return data, change


@st.composite
def calls(draw: st.DrawFn) -> tuple[dict[str, Any], list[tuple[datetime, int]]]:
    """Give a tariff and a call that passes near a start time, midnight or a change of the clock."""
    data, change = draw(tariffs())
    start = change + timedelta(seconds=draw(st.integers(-90_000, 90_000) | st.integers(-7200, 1800)))
    intervals = []
    for length in draw(st.lists(st.integers(0, 200) | st.integers(0, 9000), min_size=1, max_size=3)):
        intervals.append((start, length))
        start += timedelta(seconds=length + draw(st.integers(0, 4000)))
    return data, intervals


def night_tariff(zone: str) -> dict[str, Any]:
    """Give a tariff of which a band begins after the clock has changed in a band that began before."""
    starts = {"00:00:00": "0.01", "04:30:00": "0.02", "22:00:00": "0.03"}
    slots = [
        {
            "timing": {"start_time": start},
            "connect_fee": "0",
            "rates": [{"from_s": 0, "rate": rate, "unit_s": 1, "increment_s": 1}],
            "weight": 1,
        }
        for start, rate in starts.items()
    ]
    return {"timezone": zone, "slots": slots}


@thorough
@given(calls())
def test_a_call_costs_what_asking_for_every_second_gives(
    call: tuple[dict[str, Any], list[tuple[datetime, int]]],
) -> None:
    data, intervals = call

    price = price_intervals(CallTariff.from_dict(data), intervals)

    assert (price.fraction, price.charged_seconds) == slow_price(data, intervals)


@settings(max_examples=6, deadline=None)
@given(tariffs(), st.integers(26 * 3600, 27 * 3600))
@example((night_tariff("Europe/Riga"), CHANGES[0][1]), 26 * 3600)
@example((night_tariff("Europe/Athens"), CHANGES[1][1]), 26 * 3600)
def test_so_does_one_of_26_hours(tariff: tuple[dict[str, Any], datetime], seconds: int) -> None:
    data, change = tariff
    start = change - timedelta(hours=20)

    price = price_call(CallTariff.from_dict(data), start, seconds)

    assert (price.fraction, price.charged_seconds) == slow_price(data, [(start, seconds)])


@thorough
@given(rates(), amounts, st.none() | amounts, st.integers(0, 300_000), st.integers(0, 6 * 10**9))
def test_the_fast_path_of_a_flat_tariff_gives_what_the_slow_one_gives(
    steps: list[dict[str, Any]], fee: str, cap: str | None, seconds: int, second: int
) -> None:
    flat = CallTariff.from_dict({"slots": [{"connect_fee": fee, "rates": steps[:1]}], "max_cost": cap})
    slow = replace(flat)
    object.__setattr__(slow, "is_flat", False)
    started_at = datetime.fromtimestamp(second, UTC)

    assert flat.is_flat
    assert price_call(flat, started_at, seconds) == price_call(slow, started_at, seconds)


@thorough
@given(calls(), st.data())
def test_cutting_an_interval_where_nothing_is_missing_changes_nothing(
    call: tuple[dict[str, Any], list[tuple[datetime, int]]], data: st.DataObject
) -> None:
    tariff, intervals = CallTariff.from_dict(call[0]), call[1]
    cut_up = []
    for start, seconds in intervals:
        first = data.draw(st.integers(0, seconds))
        cut_up += [(start, first), (start + timedelta(seconds=first), seconds - first)]

    assert price_intervals(tariff, cut_up) == price_intervals(tariff, intervals)


@thorough
@given(calls())
def test_the_parts_add_up_to_the_price(call: tuple[dict[str, Any], list[tuple[datetime, int]]]) -> None:
    price = price_intervals(CallTariff.from_dict(call[0]), call[1])

    assert abs(sum((Fraction(part.amount) for part in price.parts), Fraction(0)) - price.fraction) < Fraction(1, 10**50)
    assert abs(Fraction(price.exact) - price.fraction) < Fraction(1, 10**50)
    assert [part.kind for part in price.parts] == sorted((part.kind for part in price.parts), key=ORDER.index)
    assert fees(price) <= 1


@thorough
@given(calls(), st.integers(1, 500))
def test_a_longer_call_never_costs_less(call: tuple[dict[str, Any], list[tuple[datetime, int]]], more: int) -> None:
    tariff, intervals = CallTariff.from_dict(call[0]), call[1]
    start, seconds = intervals[-1]

    longer = price_intervals(tariff, [*intervals[:-1], (start, seconds + more)])

    assert longer.fraction >= price_intervals(tariff, intervals).fraction


@thorough
@given(tariffs())
def test_a_tariff_reads_back_what_it_writes(tariff: tuple[dict[str, Any], datetime]) -> None:
    one = CallTariff.from_dict(tariff[0])

    assert CallTariff.from_dict(one.to_dict()) == one
    assert one.first_gap() is None


ORDER = [PartKind.CONNECT_FEE, PartKind.USAGE, PartKind.CAP]


def fees(price: CallPrice) -> int:
    return sum(part.kind is PartKind.CONNECT_FEE for part in price.parts)
