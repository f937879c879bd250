"""What became of the requests that were made."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import Enum


class Fate(Enum):
    """How a request ended, as the one who made it saw it."""

    ANSWERED = "answered"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass
class Tally:
    """Requests by kind and fate. Seconds are those of answered requests; `faults` are answers that nobody may give."""

    fates: Counter[tuple[str, Fate]] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    faults: list[str] = field(default_factory=list)

    def note(self, kind: str, fate: Fate, seconds: float, reason: str = "") -> None:
        """Count one request; the reason is why it was refused or failed."""
        self.fates[kind, fate] += 1
        if fate is Fate.ANSWERED:
            self.seconds[kind].append(seconds)
        else:
            self.reasons[kind, reason] += 1

    @property
    def kinds(self) -> list[str]:
        return sorted({kind for kind, _fate in self.fates})

    def total(self, fate: Fate) -> int:
        """Requests of every kind that ended so."""
        return sum(count for (_kind, each), count in self.fates.items() if each is fate)


def percentile(values: list[float], part: float) -> float:
    """The value below which this part of them lies; 0 for none."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)] if ordered else 0.0
