"""Public holidays of a country as dates; the `holidays` package is the source."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import holidays

from answering.lib import clock

YEARS_BACK, YEARS_AHEAD = 3, 12
BETWEEN_NAMES = "; "


@dataclass(frozen=True, slots=True)
class Holiday:
    """A public holiday by the name that its country gives it; `day` is when it is next."""

    name: str
    day: date
    label: str


def public_holidays(country: str, worked: Sequence[str] = ()) -> list[str]:
    """ISO dates of the public holidays around today; none for an empty country.

    A date stays free while one of its holidays is not among those that are `worked`.
    """
    return list(_of_years(country, tuple(worked), clock.now().year)) if country else []


@lru_cache(maxsize=256)
def _of_years(country: str, worked: tuple[str, ...], year: int) -> tuple[str, ...]:
    found = _in_own_language(country, range(year - YEARS_BACK, year + YEARS_AHEAD + 1))
    free = (day for day, names in found.items() if set(names.split(BETWEEN_NAMES)) - set(worked))
    return tuple(sorted(day.isoformat() for day in free))


def _in_own_language(country: str, years: Iterable[int]) -> Mapping[date, str]:
    """Names must not depend on the language of the machine, which is what the package takes when not told."""
    own = getattr(holidays.country_holidays(country), "default_language", None)
    found: Mapping[date, str] = holidays.country_holidays(country, years=years, language=own)
    return found


def holiday_names(country: str, first: date, last: date) -> dict[date, list[str]]:
    """The names of each public holiday from one day to another, as the country gives them."""
    if not country:
        return {}
    found = _in_own_language(country, range(first.year, last.year + 1))
    return {day: names.split(BETWEEN_NAMES) for day, names in found.items() if first <= day <= last}


def holidays_between(country: str, first: date, last: date, language: str) -> list[Holiday]:
    """The public holidays from one day to another, in order; labels in the language where the package has it."""
    labels = _labels(country, language, first.year) if country else {}
    return [
        Holiday(name, day, label)
        for day, names in sorted(holiday_names(country, first, last).items())
        for name, label in zip(names, _labels_of(names, labels.get(day, [])), strict=True)
    ]


def _labels_of(names: list[str], labels: list[str]) -> list[str]:
    return labels if len(labels) == len(names) else names


def holidays_to_choose(country: str, language: str) -> list[Holiday]:
    """Each public holiday of the year to come once, when it is next."""
    today = clock.now().date()
    found: dict[str, Holiday] = {}
    for holiday in holidays_between(country, today, today + timedelta(days=366), language):
        found.setdefault(holiday.name, holiday)
    return list(found.values())


@lru_cache(maxsize=64)
def _labels(country: str, language: str, year: int) -> dict[date, list[str]]:
    known = holidays.country_holidays(country).supported_languages
    wanted = next((each for each in known if each.split("_")[0] == language), None)
    found = holidays.country_holidays(country, years=(year, year + 1), language=wanted)
    return {day: names.split(BETWEEN_NAMES) for day, names in found.items()}


@lru_cache(maxsize=1)
def holiday_countries() -> frozenset[str]:
    """ISO codes of the countries whose public holidays are known."""
    return frozenset(holidays.list_supported_countries())
