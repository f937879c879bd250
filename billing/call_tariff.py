"""What a client pays for a call: slots in time, each with its steps. Data, validated; ``billing.rating`` prices."""

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple, Self
from zoneinfo import ZoneInfo

from billing.tariff_data import (
    TariffInvalid,
    read_amount,
    read_entries,
    read_list,
    read_numbers,
    read_time,
    read_whole,
    read_zone,
    time_as_text,
)

FOREVER = 10**12
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_S = 86_400
_LONGEST_S = 10**6
_LEAP_YEAR = 2000
_TIMING = ("weekdays", "months", "month_days", "start_time")
_STEP = ("from_s", "rate", "unit_s", "increment_s")
# The rounding keys belong to the system the vectors came from; here only an invoice line is rounded.
_ROUNDING = ("rounding_method", "rounding_decimals")
_SLOT = ("timing", "rates", "connect_fee", "weight", "max_cost", "max_cost_strategy", *_ROUNDING)


class Day(NamedTuple):
    """A kind of day: ISO weekday, month, day of month."""

    weekday: int
    month: int
    month_day: int


@dataclass(frozen=True, slots=True)
class Step:
    """From this accumulated second on: rate per unit_s seconds, charged by whole increments."""

    from_s: int
    rate: Decimal
    unit_s: int
    increment_s: int

    @classmethod
    def from_dict(cls, data: object) -> Self:
        entries = read_entries(data, "rates", _STEP)
        return cls(
            from_s=read_whole(entries.get("from_s", 0), "from_s", 0, 100 * _LONGEST_S),
            rate=read_amount(entries.get("rate"), "rate"),
            unit_s=read_whole(entries.get("unit_s"), "unit_s", 1, _LONGEST_S),
            increment_s=read_whole(entries.get("increment_s"), "increment_s", 1, _LONGEST_S),
        )

    def to_dict(self) -> dict[str, Any]:
        return {key: str(self.rate) if key == "rate" else getattr(self, key) for key in _STEP}

    @property
    def per_second(self) -> Fraction:
        return Fraction(self.rate) / self.unit_s


@dataclass(frozen=True, slots=True)
class Slot:
    """When it holds, and what a call costs then. An empty set of weekdays, months or month days means all."""

    start_s: int
    weekdays: frozenset[int]
    months: frozenset[int]
    month_days: frozenset[int]
    weight: int
    connect_fee: Decimal
    steps: tuple[Step, ...]
    max_cost: Decimal | None

    @classmethod
    def from_dict(cls, data: object) -> Self:
        entries = read_entries(data, "slot", _SLOT)
        timing = read_entries(entries.get("timing", {}), "timing", _TIMING)
        return cls(
            start_s=read_time(timing.get("start_time", "00:00:00")),
            weekdays=read_numbers(timing.get("weekdays"), "weekdays", 7),
            months=read_numbers(timing.get("months"), "months", 12),
            month_days=read_numbers(timing.get("month_days"), "month_days", 31),
            weight=read_whole(entries.get("weight", 0), "weight", -_LONGEST_S, _LONGEST_S),
            connect_fee=read_amount(entries.get("connect_fee", 0), "connect_fee"),
            steps=_steps(entries.get("rates")),
            max_cost=_cap(entries),
        )

    def to_dict(self) -> dict[str, Any]:
        days = {key: sorted(getattr(self, key)) for key in _TIMING[:3] if getattr(self, key)}
        return {
            "timing": days | {"start_time": time_as_text(self.start_s)},
            "connect_fee": str(self.connect_fee),
            "rates": [step.to_dict() for step in self.steps],
            "weight": self.weight,
        } | _cap_to_dict(self.max_cost)

    def holds_on(self, day: Day) -> bool:
        return (
            (not self.weekdays or day.weekday in self.weekdays)
            and (not self.months or day.month in self.months)
            and (not self.month_days or day.month_day in self.month_days)
        )

    def step_at(self, position: int) -> tuple[Step, int]:
        """Give the step for this accumulated second, and the second at which the next one begins."""
        index = bisect_right(self.steps, position, key=lambda step: step.from_s)
        return self.steps[index - 1], self.steps[index].from_s if index < len(self.steps) else FOREVER


@dataclass(frozen=True, slots=True)
class CallTariff:
    """One version of a client's call prices. Made by ``from_dict``; equal data make equal tariffs."""

    slots: tuple[Slot, ...]
    timezone: str = "UTC"
    max_cost: Decimal | None = None
    is_flat: bool = field(init=False, repr=False, compare=False)
    _zone: ZoneInfo = field(init=False, repr=False, compare=False)
    _changes: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.slots:
            raise TariffInvalid("A tariff needs at least one slot.")
        always = not self.slots[0].start_s and self.slots[0].holds_on(Day(0, 0, 0))
        object.__setattr__(self, "is_flat", always and len(self.slots) == len(self.slots[0].steps) == 1)
        object.__setattr__(self, "_zone", read_zone(self.timezone))
        object.__setattr__(self, "_changes", tuple(sorted({slot.start_s for slot in self.slots} | {_DAY_S})))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read a tariff; TariffInvalid says what is wrong with it.

        ``slots``: each with ``rates``, and optionally ``timing`` (``weekdays`` 1-7 from Monday, ``months``,
        ``month_days``, ``start_time``), ``weight``, ``connect_fee``, ``max_cost``. Optional beside them:
        ``timezone`` (UTC), ``max_cost``, ``max_cost_strategy`` ("free": beyond the cap a call costs nothing).
        Amounts are strings, integers or Decimal, never floats. Other entries of the tariff are left alone.
        """
        entries = read_entries(data, "tariff")
        return cls(
            slots=tuple(map(Slot.from_dict, read_list(entries.get("slots"), "slots"))),
            timezone=entries.get("timezone", "UTC"),
            max_cost=_cap(entries),
        )

    def to_dict(self) -> dict[str, Any]:
        """Give the data, fit for JSON, that ``from_dict`` reads back as an equal tariff."""
        slots = [slot.to_dict() for slot in self.slots]
        return {"timezone": self.timezone, "slots": slots} | _cap_to_dict(self.max_cost)

    def cap_of(self, band: int) -> Decimal | None:
        """Give the most that a call may cost which starts in this band."""
        own = self.slots[band].max_cost
        return self.max_cost if own is None else own

    def band_at(self, second: int) -> tuple[int, int]:
        """Give the index of the slot that holds at this second since 1970, and until which second surely.

        TariffInvalid if none does.
        """
        local = self._local(second)
        time_of_day = local.hour * 3600 + local.minute * 60 + local.second
        day = Day(local.isoweekday(), local.month, local.day)
        holding = (n for n, slot in enumerate(self.slots) if slot.start_s <= time_of_day and slot.holds_on(day))
        band = max(holding, key=lambda n: (self.slots[n].weight, self.slots[n].start_s, -n), default=None)
        if band is None:
            raise TariffInvalid(f"No slot covers {local:%Y-%m-%d %H:%M:%S} ({self.timezone}).")
        change = self._changes[bisect_right(self._changes, time_of_day)]
        return band, self._same_offset(second, second + change - time_of_day)

    def first_gap(self) -> Day | None:
        """Give the first kind of day that no slot covers from midnight on, None if calls always have a price."""
        whole_days = [slot for slot in self.slots if not slot.start_s]
        days = (
            Day(weekday, month, month_day)
            for month in range(1, 13)
            for month_day in range(1, monthrange(_LEAP_YEAR, month)[1] + 1)
            for weekday in range(1, 8)
        )
        return next((day for day in days if not any(slot.holds_on(day) for slot in whole_days)), None)

    def _local(self, second: int) -> datetime:
        return (_EPOCH + timedelta(seconds=second)).astimezone(self._zone)

    def _same_offset(self, second: int, until: int) -> int:
        """Cut the stretch at a clock change in it, where the time of day jumps."""
        offset = self._local(second).utcoffset()
        if self._local(until).utcoffset() == offset:
            return until
        return second + bisect_right(
            range(second, until), False, key=lambda moment: self._local(moment).utcoffset() != offset
        )


def _steps(value: object) -> tuple[Step, ...]:
    steps = tuple(map(Step.from_dict, read_list(value, "rates")))
    if not steps or steps[0].from_s != 0:
        raise TariffInvalid("The first rate of a slot starts at second 0.")
    if any(step.from_s >= following.from_s for step, following in pairwise(steps)):
        raise TariffInvalid("The rates of a slot start at ascending seconds.")
    return steps


def _cap(entries: Mapping[str, Any]) -> Decimal | None:
    if entries.get("max_cost_strategy", "free") != "free":
        raise TariffInvalid(f"Unknown max_cost_strategy: {entries['max_cost_strategy']!r}; there is only free.")
    return None if entries.get("max_cost") is None else read_amount(entries["max_cost"], "max_cost")


def _cap_to_dict(cap: Decimal | None) -> dict[str, str]:
    return {} if cap is None else {"max_cost": str(cap), "max_cost_strategy": "free"}
