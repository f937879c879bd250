"""Names as long as a form lets them be, of signs that stand for several letters."""

import pytest

from clients.models import Calendar, Skill
from tests.cast import make_calendar, make_client, make_user


@pytest.mark.parametrize("sign", ["Æ", "ﷺ"])
def test_what_has_a_long_name_of_any_signs_is_saved(db: None, sign: str) -> None:
    assert Skill.objects.create(name=sign * 60).sort_key
    calendar = make_calendar()
    calendar.name = sign * 120
    calendar.save()
    assert Calendar.objects.get().sort_key
    assert make_client(sign * 120, calendar=calendar).sort_key
    assert make_user(sign * 120, language="lv").sort_key
