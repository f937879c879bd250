"""What the house itself has complained of."""

import re
from collections import Counter
from collections.abc import Iterator

from bench.soak.checks import Check, check
from bench.soak.faults import Blow
from bench.soak.house import House
from bench.soak.tally import Tally

DEATH = re.compile(r"^alio +\| (\w+) ended \(([^)]+)\)", re.MULTILINE)
# What a blow of this kind may bring down, besides what carries its name. A worker that is giving tasks back to a broker
# which has just died meets a closed connection in kombu 5.7 and ends; it is started again like any other.
FELLED = {"web worker": "web", "Valkey": "worker"}


def check_log(house: House, blows: list[Blow], tally: Tally, exit_status: int | None) -> list[Check]:
    """Every promise that the processes' own words can break."""
    said = house.log.read_text(errors="replace")
    deaths = DEATH.findall(said)
    return [
        check("a process dies by a blow only, once for each", _deaths(deaths, blows)),
        check("whatever was killed comes back", _returns(blows)),
        check("no request is answered with a fault of the code (500)", [*tally.faults, None]),
        check("no two transactions wait for each other", _deadlocks(house)),
        check("the house stops in order when it is told to", [_stopped(said, exit_status)]),
    ]


def _deaths(deaths: list[tuple[str, str]], blows: list[Blow]) -> Iterator[str | None]:
    allowed = Counter(FELLED.get(blow.kind, blow.kind) for blow in blows)
    for name, how in deaths:
        allowed[name] -= 1
        yield f"{name} has ended by itself ({how})" if allowed[name] < 0 else None


def _returns(blows: list[Blow]) -> Iterator[str | None]:
    for blow in blows:
        yield f"{blow.kind} is not back" if blow.returned_after is None else None


def _deadlocks(house: House) -> Iterator[str | None]:
    lines = (house.places.log / "postgres.log").read_text(errors="replace").splitlines()
    yield from (line for line in lines if "deadlock detected" in line)
    yield None


def _stopped(said: str, exit_status: int | None) -> str | None:
    is_true = exit_status == 0 and "alio       | stopped" in said
    return None if is_true else f"exit status {exit_status}: {said.splitlines()[-3:]}"
