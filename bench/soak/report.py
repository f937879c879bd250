"""The tables at the end of a run."""

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median

from bench.soak.checks import Check
from bench.soak.faults import Blow
from bench.soak.tally import Fate, Tally, percentile

SHOWN = 10


def kills(blows: Sequence[Blow]) -> Iterator[str]:
    """What was killed how often, and how long it took to come back."""
    yield f"{'killed':<26}{'times':>7}{'back after (median)':>22}{'worst':>10}"
    for kind in sorted({blow.kind for blow in blows}, key=str.lower):
        back = [blow.returned_after for blow in blows if blow.kind == kind and blow.returned_after is not None]
        times = sum(blow.kind == kind for blow in blows)
        middle, worst = (f"{median(back):.1f} s", f"{max(back):.1f} s") if back else ("never", "never")
        yield f"{kind:<26}{times:>7}{middle:>22}{worst:>10}"


def calls(outcomes: Counter[str]) -> Iterator[str]:
    """How the calls ended."""
    yield f"{'calls':<26}{sum(outcomes.values()):>7}"
    for outcome, count in outcomes.most_common():
        yield f"  {outcome:<24}{count:>7}"


def requests(tally: Tally) -> Iterator[str]:
    """What became of the requests of each kind."""
    yield f"{'requests':<26}{'answered':>10}{'refused':>10}{'failed':>10}{'p50':>9}{'p95':>9}{'p99':>9}"
    for kind in tally.kinds:
        counts = "".join(f"{tally.fates[kind, fate]:>10}" for fate in Fate)
        seconds = tally.seconds[kind]
        times = "".join(f"{percentile(seconds, part) * 1000:>6.0f} ms" for part in (0.5, 0.95, 0.99))
        yield f"{kind:<26}{counts}{times}"
    yield f"{'all':<26}{''.join(f'{tally.total(fate):>10}' for fate in Fate)}"


def reasons(tally: Tally) -> Iterator[str]:
    """Why requests were refused or failed."""
    for (kind, reason), count in sorted(tally.reasons.items()):
        yield f"  {kind:<24}{count:>7}  {reason}"


def promises(checks: Sequence[Check]) -> Iterator[str]:
    """Each promise with the number of cases; those that break it, by name."""
    for check in checks:
        mark = "ok" if not check.broken else f"{len(check.broken)} BROKEN"
        yield f"{check.looked_at:>7}  {mark:<10}  {check.promise}"
        for complaint in check.broken[:SHOWN]:
            yield f"{'':>21}{complaint}"
        if len(check.broken) > SHOWN:
            yield f"{'':>21}and {len(check.broken) - SHOWN} more"
