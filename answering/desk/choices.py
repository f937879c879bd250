"""Countries and time zones to choose from."""

from functools import lru_cache
from zoneinfo import available_timezones

from babel import Locale
from django.utils.translation import get_language
from phonenumbers import SUPPORTED_REGIONS

from answering.lib.text import sort_key

AREAS = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


def country_choices() -> list[tuple[str, str]]:
    """ISO 3166 codes with their names in the reader's language, in its order."""
    return list(_countries((get_language() or "en").split("-")[0]))


@lru_cache(maxsize=8)
def _countries(language: str) -> tuple[tuple[str, str], ...]:
    names = Locale.parse(language).territories
    found = [(code, names[code]) for code in SUPPORTED_REGIONS if len(code) == 2 and code in names]
    return tuple(sorted(found, key=lambda pair: sort_key(pair[1], language)))


def country_name(code: str) -> str:
    """The country in the reader's language; the code itself if nobody knows it."""
    return dict(country_choices()).get(code, code)


@lru_cache(maxsize=1)
def zone_choices() -> tuple[tuple[str, str], ...]:
    """IANA names of zones that are places."""
    names = sorted(name for name in available_timezones() if name.startswith(AREAS) and "/" in name)
    return tuple((name, name.replace("_", " ")) for name in [*names, "UTC"])
