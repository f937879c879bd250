"""Who calls a company in the demo."""

from dataclasses import dataclass
from random import Random

from answering.desk.demo.company import DemoCompany

REGULARS, STRANGERS, NOTED = 240, 120, 3
FAITHFUL = 55  # the mean place in the book of whoever calls next: the first in it call often


@dataclass(frozen=True)
class PlannedCaller:
    """Numbers lie in blocks of each country's plan chosen to look made up: none sets numbers aside for fiction."""

    number: str
    name: str
    note: str = ""
    is_blocked: bool = False


class CallerBook:
    """The people who may call one company, and whose names have been learnt so far."""

    def __init__(self, company: DemoCompany, rng: Random) -> None:
        self._rng = rng
        numbers = rng.sample(range(100, 1000), REGULARS + STRANGERS + 1)
        notes = dict(zip(rng.sample(range(20), NOTED), company.caller_notes, strict=True))
        self.people = [
            PlannedCaller(company.number_format.format(number), company.names.pick(rng), notes.get(place, ""))
            for place, number in enumerate(numbers[1 : REGULARS + 1])
        ]
        self._strangers = [
            PlannedCaller(company.number_format.format(number), "") for number in numbers[REGULARS + 1 :]
        ]
        self.blocked = PlannedCaller(company.number_format.format(numbers[0]), "", is_blocked=True)
        self._known: set[str] = set()

    def next_caller(self) -> PlannedCaller:
        """Somebody; the first in the book call most."""
        place = int(self._rng.expovariate(1 / FAITHFUL))
        return self.people[min(place, len(self.people) - 1)]

    def next_stranger(self) -> PlannedCaller:
        """Somebody who has nothing to do with the company."""
        return self._rng.choice(self._strangers)

    def known_name(self, caller: PlannedCaller) -> str:
        """The name if this caller has said it before."""
        return caller.name if caller.number in self._known else ""

    def learn(self, caller: PlannedCaller, *, is_certain: bool) -> str:
        """The caller says the name, for certain or half of the time; gives it if it is known now."""
        if is_certain or self._rng.random() < 0.5:
            self._known.add(caller.number)
        return self.known_name(caller)
