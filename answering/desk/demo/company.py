"""What the demo must know of a client company; the three are in modules of their own."""

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from calls.models import Disposition
from clients.scripts import Act, ScriptDefinition
from clients.scripts.definition import Step


@dataclass(frozen=True)
class DemoContact:
    """A person a message can be for; `shifts` are (weekdays 0-6, from hour, hours) of their rota.

    `numbers` are (number, label) in the order in which they are tried.
    """

    name: str
    department: str
    responsibility: str
    email: str
    shifts: tuple[tuple[tuple[int, ...], int, int], ...] = ()
    is_default: bool = False
    numbers: tuple[tuple[str, str], ...] = ()
    also_speaks: tuple[str, ...] = ()


@dataclass(frozen=True)
class DemoUser:
    email: str
    full_name: str


@dataclass(frozen=True)
class DemoScript:
    """A script in the client's one language; of its steps only what is particular is written down."""

    name: str
    language: str
    greeting: str
    steps: tuple[Step, ...]

    def definition(self) -> ScriptDefinition:
        """The script with the end to which every way of it comes."""
        return ScriptDefinition({self.language: self.greeting}, (*self.steps, Act("finish", "end")))


@dataclass(frozen=True)
class DemoTariff:
    name: str
    slots: tuple[dict[str, Any], ...]
    bills_hold: bool = False
    wrap_up_seconds_billed_at_most: int = 0
    max_cost: str = ""

    def definition(self, zone: str) -> dict[str, Any]:
        """The prices as `CallTariff.from_dict` reads them."""
        cap = {"max_cost": self.max_cost} if self.max_cost else {}
        return {"timezone": zone, "slots": list(self.slots), **cap}


@dataclass(frozen=True)
class Names:
    """Given names and surnames that go together, as (given, surnames) for women and for men."""

    women: tuple[tuple[str, ...], tuple[str, ...]]
    men: tuple[tuple[str, ...], tuple[str, ...]]

    def pick(self, rng: Random) -> str:
        """A full name."""
        given, surnames = rng.choice((self.women, self.men))
        return f"{rng.choice(given)} {rng.choice(surnames)}"


@dataclass(frozen=True)
class Topic:
    """What a message is about: its department and its text, with {slots} filled from the company's words.

    `answers` are what the caller said to the script on the way there, by the keys of its steps.
    """

    department: str
    text: str
    is_urgent: bool = False
    answers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DemoNotice:
    """Something out of the ordinary, so long from the making of the demo on."""

    text: str
    begins_in: timedelta
    lasts: timedelta
    is_public: bool = False


@dataclass(frozen=True)
class DemoCompany:
    """One client company with its line, people, prices and the shape of its traffic."""

    slug: str
    name: str
    country: str
    language: str
    time_zone: str
    vat_id: str
    line_name: str
    line_number: str
    hours: tuple[tuple[tuple[int, ...], int, int], ...]  # weekdays, from and to minute of the day
    calls_per_day: tuple[int, int]
    hour_weights: dict[int, int]
    number_format: str  # takes a number from 0 to 999
    contacts: tuple[DemoContact, ...]
    script: DemoScript
    tariff: DemoTariff
    owner: DemoUser
    member: DemoUser
    names: Names
    topics: tuple[Topic, ...]
    words: dict[str, tuple[str, ...]]
    dispositions: dict[Disposition, int]
    call_back_notes: tuple[str, ...]
    no_number_note: str
    caller_notes: tuple[str, ...]
    faq: tuple[tuple[str, str], ...]  # question and answer
    notices: tuple[DemoNotice, ...]
    is_vip: bool = False
    saturday_calls: int = 0
    response_target: timedelta = timedelta(hours=8)
    special_days: dict[str, tuple[str, tuple[tuple[int, int], ...]]] = field(default_factory=dict)  # "12-31"

    def pick_words(self, rng: Random) -> dict[str, str]:
        """What fills the slots of a topic's text and answers."""
        return {slot: rng.choice(words) for slot, words in self.words.items()}


def flat_slot(rate: str, *, per: int = 1, increment: int = 1, **other: Any) -> dict[str, Any]:
    """A tariff slot of one rate from the first second on."""
    step = {"from_s": 0, "rate": rate, "unit_s": per, "increment_s": increment}
    return {"timing": {"start_time": "00:00:00"}, "connect_fee": "0", "weight": 0, "rates": [step]} | other
