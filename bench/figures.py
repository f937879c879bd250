"""How the benchmarks of pure functions measure: medians of repeats, alternating so that noise hits all alike."""

from collections.abc import Callable, Mapping
from statistics import median
from timeit import Timer

REPEATS = 9


def medians(rivals: Mapping[str, tuple[Callable[[], object], int]]) -> dict[str, float]:
    """Give the median microseconds of one call of each rival, a function and how often to call it per repeat."""
    taken: dict[str, list[float]] = {name: [] for name in rivals}
    for _ in range(REPEATS):
        for name, (function, number) in rivals.items():
            taken[name].append(Timer(function).timeit(number) / number * 1e6)
    return {name: median(times) for name, times in taken.items()}


def micros(value: float) -> str:
    return f"{value:,.1f} µs"


def show(figures: list[tuple[str, str]]) -> None:
    width = max(len(name) for name, _ in figures)
    for name, value in figures:
        print(f"{name:<{width}}  {value:>14}")
