"""A promise, the cases that were looked at, and those that break it."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Check:
    """One promise of the house."""

    promise: str
    looked_at: int = 0
    broken: list[str] = field(default_factory=list)


def check(promise: str, cases: Iterable[str | None]) -> Check:
    """Look at every case: None is as promised, a text says what is not."""
    result = Check(promise)
    for complaint in cases:
        result.looked_at += 1
        if complaint:
            result.broken.append(complaint)
    return result
