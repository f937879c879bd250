"""Moments, whole seconds and time-ordered identifiers."""

import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from answering.lib import clock


def test_now_is_aware_and_in_utc() -> None:
    assert clock.now().tzinfo is UTC


@pytest.mark.parametrize(
    ("moment", "second"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(2026, 6, 1, 12, 0, 5, 999_999, tzinfo=UTC), 1_780_315_205),
        (datetime(2026, 6, 1, 15, 0, 5, tzinfo=timezone(timedelta(hours=3))), 1_780_315_205),
        (datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC), -1),
    ],
)
def test_a_moment_has_the_epoch_second_it_lies_in(moment: datetime, second: int) -> None:
    assert clock.epoch_second(moment) == second


@pytest.mark.parametrize("moment", [datetime(2026, 6, 1), date(2026, 6, 1)])  # noqa: DTZ001
def test_a_moment_without_a_zone_has_no_epoch_second(moment: Any) -> None:
    with pytest.raises(ValueError, match="Not a moment with a time zone"):
        clock.epoch_second(moment)


def test_a_uuid7_has_version_variant_and_the_millisecond_of_its_making() -> None:
    before = time.time_ns() // 1_000_000
    made = [clock.uuid7() for _ in range(100)]
    after = time.time_ns() // 1_000_000

    assert {(one.version, one.variant) for one in made} == {(7, uuid.RFC_4122)}
    assert all(before <= one.int >> 80 <= after for one in made)


def test_uuid7s_ascend_within_a_process() -> None:
    assert all(one < other for one, other in pairwise(clock.uuid7() for _ in range(20_000)))


def test_uuid7s_made_by_threads_differ_and_ascend_in_each() -> None:
    def make(_: int) -> list[uuid.UUID]:
        barrier.wait()
        return [clock.uuid7() for _ in range(2_000)]

    barrier = threading.Barrier(8)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # so that threads do meet in the middle
    try:
        with ThreadPoolExecutor(8) as threads:
            made = list(threads.map(make, range(8)))
    finally:
        sys.setswitchinterval(interval)

    assert len({one for some in made for one in some}) == 16_000
    assert all(one < other for some in made for one, other in pairwise(some))


@pytest.mark.parametrize("ticks", [[5, 5, 5], [5, 4, 3], [5, 6, 2]])
def test_uuid7s_ascend_even_if_the_clock_stands_or_is_set_back(
    monkeypatch: pytest.MonkeyPatch, ticks: list[int]
) -> None:
    nanoseconds = iter([tick * 1_000_000 for tick in ticks])
    monkeypatch.setattr("answering.lib.clock.time", SimpleNamespace(time_ns=lambda: next(nanoseconds)))
    sequence = clock._Sequence()

    made = [sequence.next() for _ in ticks]

    assert all(one < other for one, other in pairwise(made))


def test_a_counter_that_is_used_up_borrows_the_next_millisecond(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("answering.lib.clock.time", SimpleNamespace(time_ns=lambda: 7_000_000))
    sequence = clock._Sequence()
    first = sequence.next()
    sequence._counter = (1 << 42) - 2

    last, borrowed = sequence.next(), sequence.next()

    assert first < last < borrowed
    assert [one.int >> 80 for one in (first, last, borrowed)] == [7, 7, 8]
