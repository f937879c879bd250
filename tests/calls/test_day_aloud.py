"""A day of the week ahead, as each language writes and says it."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from calls.carriers.hours import _opening_sentence

RIGA = ZoneInfo("Europe/Riga")
NOW, OPENS = datetime(2026, 4, 30, 20, tzinfo=RIGA), datetime(2026, 5, 5, 9, tzinfo=RIGA)


@pytest.mark.parametrize(
    ("language", "day"),
    [
        ("en", "Tuesday, 5 May"),
        ("lv", "otrdiena, 5. maijs"),
        ("lt", "antradienis, gegužės 5 diena"),
        ("el", "Τρίτη 5 Μαΐου"),
    ],
)
def test_the_next_opening_names_its_day(language: str, day: str) -> None:
    with translation.override(language), timezone.override(RIGA):
        assert day in _opening_sentence(OPENS, NOW)
