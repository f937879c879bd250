"""The price of one plain call, of one through bands, and the bare multiplication under it."""

from datetime import UTC, datetime
from decimal import Decimal

from bench.figures import medians, micros, show
from billing.rating import CallTariff, price_call

START = datetime(2026, 3, 27, 15, 20, 5, tzinfo=UTC)
RATE, SECONDS = Decimal("0.015"), 67
GOAL = 30


def run() -> list[tuple[str, str]]:
    plain, banded = CallTariff.from_dict({"slots": [slot("00:00")]}), CallTariff.from_dict({"slots": bands()})
    seconds = Decimal(SECONDS)
    assert price_call(plain, START, SECONDS).exact == RATE * seconds
    taken = medians(
        {
            "bare": (lambda: RATE * seconds, 50_000),
            "plain": (lambda: price_call(plain, START, SECONDS), 5000),
            "bands": (lambda: price_call(banded, START, SECONDS), 1000),
            "day": (lambda: price_call(banded, START, 26 * 3600), 200),
        }
    )
    return [
        ("price: bare Decimal multiplication", micros(taken["bare"])),
        (f"price: plain call with its parts (goal {GOAL} µs)", micros(taken["plain"])),
        ("price: plain call, times the bare multiplication", f"{taken['plain'] / taken['bare']:.0f}"),
        ("price: call with three bands, two steps", micros(taken["bands"])),
        ("price: the same for 26 hours", micros(taken["day"])),
    ]


def slot(start_time: str, *more: dict[str, object]) -> dict[str, object]:
    rate = {"from_s": 0, "rate": str(RATE), "unit_s": 1, "increment_s": 1}
    return {"timing": {"start_time": start_time}, "rates": [rate, *more]}


def bands() -> list[dict[str, object]]:
    later = {"from_s": 60, "rate": "0.01", "unit_s": 1, "increment_s": 1}
    return [slot(start, later) for start in ("00:00", "08:00", "18:00")]


if __name__ == "__main__":
    show(run())
