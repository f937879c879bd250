"""The price of a call: bands, steps, increments, connect fee, cap. Pure arithmetic, no ORM.

The rules, in one place:

* Billable seconds accumulate over the intervals of a call. Steps follow the accumulated seconds, bands the real
  time at which a second was spent, in the tariff's zone: of the slots that match a moment (weekday, month, day of
  month, not before its start time) the highest weight wins, then the latest start time, then the first listed.
* An increment is priced by the band and step in which it starts, and charged whole: the last one may charge more
  than was used, and one that crosses into another step or band delays it.
* The connect fee is charged once, from the first band. No billable second, no charge.
* A call never costs more than the cap, connect fee included: that of the slot in which it starts, else the
  tariff's.

Nothing is rounded to money. Amounts are added as fractions and turned into Decimal once, with 60 digits: exact
whenever the sum is a finite decimal at all (the limits on tariffs see to it). Where it is not, as in a third of a
cent, ``CallPrice.fraction`` still is: sum fractions, round the sum, and no cent is lost.

Cost follows the number of bands and steps that a call runs through, not its seconds.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from answering.lib.clock import epoch_second
from billing.call_tariff import CallTariff, Step
from billing.tariff_data import RatingError, TariffInvalid

__all__ = [
    "CallPrice",
    "CallTariff",
    "IntervalInvalid",
    "PartKind",
    "PricePart",
    "RatingError",
    "TariffInvalid",
    "price_call",
    "price_intervals",
]

LONGEST_CALL_S = 10**8
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EXACT = Context(prec=60)


class IntervalInvalid(RatingError):
    """Billable time that cannot be: without a zone, negative, overlapping, longer than three years."""


class PartKind(StrEnum):
    """What a part of a price is for."""

    CONNECT_FEE = "connect_fee"
    USAGE = "usage"
    CAP = "cap"


@dataclass(frozen=True, slots=True)
class PricePart:
    """One addend of a price, with what it takes to show it: 67 s at 0.90 per 60 s, by 1 s.

    ``band`` is the index of the slot, ``seconds`` are those charged. Only usage has rate, unit and increment; the
    part of the cap is the negative amount that it takes off.
    """

    kind: PartKind
    amount: Decimal
    band: int
    started_at: datetime
    seconds: int = 0
    rate: Decimal | None = None
    unit_s: int | None = None
    increment_s: int | None = None

    @property
    def fraction(self) -> Fraction:
        """The exact amount, where Decimal has to break it off."""
        if self.rate is None or self.unit_s is None:
            return Fraction(self.amount)
        return Fraction(self.rate) * self.seconds / self.unit_s


@dataclass(frozen=True, slots=True)
class CallPrice:
    """What a call costs, not rounded, and how it comes about. ``exact`` has up to 60 significant digits."""

    exact: Decimal
    parts: tuple[PricePart, ...]

    @property
    def fraction(self) -> Fraction:
        """The exact price, even where it is not a finite decimal."""
        if self.parts and self.parts[-1].kind is PartKind.CAP:
            return Fraction(self.exact)
        return sum((part.fraction for part in self.parts), Fraction(0))

    @property
    def charged_seconds(self) -> int:
        return sum(part.seconds for part in self.parts)


class _Run(NamedTuple):
    """Increments in a row that one step of one band prices, from a second since 1970 on."""

    second: int
    band: int
    step: Step
    charged: int


def price_call(tariff: CallTariff, started_at: datetime, seconds: int) -> CallPrice:
    """Price a call that was billable without a break; see ``price_intervals``."""
    return price_intervals(tariff, [(started_at, seconds)])


def price_intervals(tariff: CallTariff, intervals: Iterable[tuple[datetime, int]]) -> CallPrice:
    """Price the billable intervals of one call, each its start and whole seconds, in order of time.

    Starts are taken at their whole second. Raises IntervalInvalid for intervals that cannot be, TariffInvalid
    if no slot covers a moment at which an increment starts.
    """
    pieces = _checked(intervals)
    is_plain = tariff.is_flat and len(pieces) == 1
    runs = _flat_run(tariff, *pieces[0]) if is_plain else _joined(_runs(tariff, pieces))
    return _priced(tariff, runs) if runs else CallPrice(Decimal(0), ())


def _checked(intervals: Iterable[tuple[datetime, int]]) -> list[tuple[int, int]]:
    pieces: list[tuple[int, int]] = []
    for started_at, seconds in intervals:
        if type(seconds) is not int or not 0 <= seconds <= LONGEST_CALL_S:
            raise IntervalInvalid(f"Billable seconds are a whole number up to {LONGEST_CALL_S}, not {seconds!r}.")
        try:
            second = epoch_second(started_at)
        except ValueError as error:
            raise IntervalInvalid(str(error)) from None
        if pieces and second < sum(pieces[-1]):
            raise IntervalInvalid(f"Billable intervals overlap or are out of order at {started_at}.")
        pieces.append((second, seconds))
    return pieces


def _flat_run(tariff: CallTariff, second: int, seconds: int) -> list[_Run]:
    """Give what ``_runs`` gives where one step of one slot holds always, without asking for the time."""
    step = tariff.slots[0].steps[0]
    return [_Run(second, 0, step, _whole(seconds, step))] if seconds else []


def _runs(tariff: CallTariff, pieces: list[tuple[int, int]]) -> Iterator[_Run]:
    position = begin = 0  # in billable seconds of the call: charged so far, and where the interval begins
    for started, seconds in pieces:
        end = begin + seconds
        while position < end:
            second = started + position - begin
            band, band_end = tariff.band_at(second)
            step, step_end = tariff.slots[band].step_at(position)
            charged = _whole(min(end, step_end, position + band_end - second) - position, step)
            yield _Run(second, band, step, charged)
            position += charged
        begin = end


def _whole(seconds: int, step: Step) -> int:
    """Round seconds up to whole increments."""
    return -(-seconds // step.increment_s) * step.increment_s


def _joined(runs: Iterable[_Run]) -> list[_Run]:
    """Join runs that follow each other without a change of price, as those on both sides of midnight."""
    joined: list[_Run] = []
    for run in runs:
        last = joined[-1] if joined else None
        if last and last.second + last.charged == run.second and last[1:3] == run[1:3]:
            joined[-1] = last._replace(charged=last.charged + run.charged)
        else:
            joined.append(run)
    return joined


def _priced(tariff: CallTariff, runs: list[_Run]) -> CallPrice:
    band, started_at = runs[0].band, _moment(runs[0].second)
    fee = tariff.slots[band].connect_fee
    parts = [PricePart(PartKind.CONNECT_FEE, fee, band, started_at)] if fee else []
    parts += map(_usage, runs)
    exact = _total(fee, runs)
    cap = tariff.cap_of(band)
    if cap is not None and exact > cap:
        parts.append(PricePart(PartKind.CAP, _EXACT.subtract(cap, exact), band, started_at))
        exact = cap
    return CallPrice(exact, tuple(parts))


def _usage(run: _Run) -> PricePart:
    step = run.step
    amount = _EXACT.divide(_EXACT.multiply(step.rate, run.charged), step.unit_s)
    moment = _moment(run.second)
    return PricePart(PartKind.USAGE, amount, run.band, moment, run.charged, step.rate, step.unit_s, step.increment_s)


def _total(fee: Decimal, runs: list[_Run]) -> Decimal:
    if len(runs) == 1:  # the same number, without the cost of fractions
        step, charged = runs[0].step, runs[0].charged
        numerator = _EXACT.fma(step.rate, charged, _EXACT.multiply(fee, step.unit_s))
        return _EXACT.divide(numerator, step.unit_s)
    total = sum((run.step.per_second * run.charged for run in runs), Fraction(fee))
    return _EXACT.divide(total.numerator, total.denominator)


def _moment(second: int) -> datetime:
    return _EPOCH + timedelta(seconds=second)
