"""Public holidays of a country as dates; the `holidays` package is the source."""

from functools import lru_cache

import holidays

from answering.lib import clock

YEARS_BACK, YEARS_AHEAD = 3, 12


def public_holidays(country: str) -> list[str]:
    """ISO dates of the public holidays around today; none for an empty country."""
    return list(_of_years(country, clock.now().year)) if country else []


@lru_cache(maxsize=64)
def _of_years(country: str, year: int) -> tuple[str, ...]:
    found = holidays.country_holidays(country, years=range(year - YEARS_BACK, year + YEARS_AHEAD + 1))
    return tuple(sorted(day.isoformat() for day in found))
