from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.test import Client as Browser
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from answering.accounts.models import StaffRole
from answering.desk.calendars.month import month_of, read_month
from answering.lib.worktime import WorkCalendar
from clients.errors import CalendarInUse
from clients.hours import open_stretches
from clients.models import Calendar, CalendarDay
from clients.services.calendars import delete_calendar, save_calendar, set_day
from tests.cast import House, make_calendar, make_line, make_member
from tests.desk.office import administrator, filled_in, signed_in_as

FAR = date(2031, 3, 30)  # a Sunday on which the clocks change in Riga


def address(name: str, calendar: Calendar) -> str:
    return reverse(f"desk:{name}", args=[calendar.public_id])


def open_at(calendar: Calendar, *moment: int) -> bool:
    fresh = Calendar.objects.get(pk=calendar.pk)
    return fresh.work_calendar().is_open(datetime(*moment, tzinfo=ZoneInfo(fresh.time_zone)))  # type: ignore[misc,arg-type]


def test_only_administrators_find_calendars(house: House) -> None:
    calendar = house.line.calendar
    browsers = [signed_in_as(StaffRole.SUPERVISOR)]
    for user in (make_member(house.client), house.agent.user):
        browsers.append(Browser())
        browsers[-1].force_login(user)
    Calendar.objects.filter(pk=calendar.pk).update(holiday_country="LV")
    pages = [address(name, calendar) for name in ("calendar", "edit-calendar", "calendar-holidays")]
    for page in [*pages, reverse("desk:calendars"), reverse("desk:new-calendar")]:
        assert administrator().get(page).status_code == 200
        assert {browser.get(page).status_code for browser in browsers} == {404}
    for name in ("copy-calendar", "add-day", "edit-calendar", "delete-calendar"):
        assert {browser.post(address(name, calendar)).status_code for browser in browsers} == {404}
    assert administrator().get(reverse("desk:calendar", args=[uuid4()])).status_code == 404


def test_a_calendar_is_made_of_what_is_typed(house: House) -> None:
    browser = administrator()
    page = browser.get(reverse("desk:new-calendar"))
    days = {f"day_{day}": "9-13, 14:00-18:00" for day in range(4)} | {"day_4": "20:00-2:00"}
    values = filled_in(page, name="Veikals", time_zone="Europe/Vilnius", holiday_country="LT", **days)
    shown = browser.post(reverse("desk:new-calendar"), values, follow=True)
    calendar = Calendar.objects.get(name="Veikals")
    assert shown.status_code == 200
    assert open_at(calendar, 2031, 3, 24, 12, 59)
    assert not open_at(calendar, 2031, 3, 24, 13, 30)
    assert open_at(calendar, 2031, 3, 29, 1)
    again = filled_in(browser.get(address("edit-calendar", calendar)), day_0="")
    assert again["day_1"] == "9:00-13:00, 14:00-18:00"
    browser.post(address("edit-calendar", calendar), again)
    assert not open_at(calendar, 2031, 3, 24, 12)


WRONG = [
    ({"day_0": "9-13, 12-15"}, "these hours overlap"),
    ({"day_0": "9-9"}, "ends when it begins"),
    ({"day_0": "soon"}, "cannot be read as hours"),
    ({"day_0": "20-10", "day_1": "9-12"}, "run into those of the next day"),
    ({f"day_{day}": "" for day in range(7)}, "Enter the hours of at least one day"),
    ({"time_zone": "Nowhere/Town"}, "not one of the available choices"),
    ({"holiday_country": "XX"}, "not one of the available choices"),
    ({"name": " "}, "This field is required"),
]


@pytest.mark.parametrize(("changes", "sentence"), WRONG)
def test_wrong_hours_are_told_and_change_nothing(house: House, changes: dict[str, object], sentence: str) -> None:
    browser, calendar = administrator(), make_calendar(always=False)
    form = filled_in(browser.get(address("edit-calendar", calendar)), **changes)
    answer = browser.post(address("edit-calendar", calendar), form)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert calendar.intervals.count() == 5
    assert Calendar.objects.get(pk=calendar.pk).revision == 1


def test_an_exception_replaces_its_day_and_goes_again(house: House) -> None:
    browser, calendar = administrator(), make_calendar(always=False)
    form = filled_in(browser.get(address("calendar", calendar)), day="2031-03-24", hours="10-12", note="Inventūra")
    assert "Inventūra" in browser.post(address("add-day", calendar), form, follow=True).text
    assert not open_at(calendar, 2031, 3, 24, 13)
    form = filled_in(browser.get(address("calendar", calendar)), day="2031-03-24", hours="", note="Slēgts")
    browser.post(address("add-day", calendar), form)
    assert not open_at(calendar, 2031, 3, 24, 11)
    assert CalendarDay.objects.filter(calendar=calendar).count() == 1
    page = browser.get(address("calendar", calendar), {"month": "2031-03"}).text
    assert page.count("Slēgts") == 2
    drop = reverse("desk:drop-day", args=[calendar.public_id, "2031-03-24"])
    browser.post(drop, {"revision": 1})
    assert not open_at(calendar, 2031, 3, 24, 13), "an old page removes nothing"
    browser.post(drop, {"revision": 3})
    assert open_at(calendar, 2031, 3, 24, 13)
    assert browser.post(drop, {"revision": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"day": "2031-02-30"}, "Enter a valid date."),
        ({"day": "1066-10-14"}, "Choose a date between"),
        ({"day": ""}, "This field is required."),
        ({"day": "2031-03-24", "hours": "9-13, 12-14"}, "overlap"),
        ({"day": "2031-03-24", "hours": "\x00"}, "Null characters are not allowed."),
        ({"day": "2031-03-24", "revision": "7"}, "Somebody else has saved this"),
    ],
)
def test_impossible_exceptions_are_told_and_change_nothing(
    house: House, fields: dict[str, object], sentence: str
) -> None:
    browser, calendar = administrator(), make_calendar()
    form = filled_in(browser.get(address("calendar", calendar)), **fields)
    answer = browser.post(address("add-day", calendar), form)
    assert (answer.status_code, CalendarDay.objects.count()) == (422, 0)
    assert sentence in answer.text


def test_holidays_apply_as_chosen(house: House) -> None:
    browser, calendar = administrator(), make_calendar(country="LV")
    assert not open_at(calendar, 2026, 12, 24, 12)
    form = filled_in(browser.get(address("calendar-holidays", calendar)))
    free = [name for name in form["free"] if name != "Ziemassvētku vakars"]  # type: ignore[attr-defined]
    assert len(free) == len(form["free"]) - 1  # type: ignore[arg-type]
    browser.post(address("calendar-holidays", calendar), form | {"free": free})
    assert open_at(calendar, 2026, 12, 24, 12)
    assert not open_at(calendar, 2026, 12, 25, 12)
    page = browser.get(address("edit-calendar", calendar))
    browser.post(address("edit-calendar", calendar), filled_in(page, holiday_country="LT"))
    assert not open_at(calendar, 2026, 12, 24, 12), "another country's holidays all apply at first"


def test_a_copy_has_the_same_hours_and_is_used_by_nobody(house: House) -> None:
    browser, calendar = administrator(), make_calendar(always=False, country="LV")
    set_day(calendar, seen=1, day=FAR, hours=[(600, 720)], note="Tirgus")
    browser.post(address("copy-calendar", calendar))
    copy = Calendar.objects.exclude(pk=calendar.pk).get(name__startswith="Copy of")
    assert copy.definition() == Calendar.objects.get(pk=calendar.pk).definition()
    assert "Nobody uses this calendar." in browser.get(address("calendar", copy)).text


def test_the_page_says_who_uses_the_calendar_in_a_bounded_number_of_queries(
    house: House, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    calendar = house.line.calendar
    browser = administrator()
    for number in range(5):
        make_line(house.client, name=f"Line {number}")
        set_day(calendar, seen=number + 1, day=FAR + timedelta(days=number), hours=[], note="")
        calendar.refresh_from_db()
    browser.get(address("calendar", calendar))
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        page = browser.get(address("calendar", calendar)).text
    assert "Klīnika Sirds: Line 4" in page


def test_a_calendar_without_hours_is_shown_as_never_open(house: House) -> None:
    calendar = Calendar.objects.create(name="Empty", time_zone="Europe/Riga")
    assert "never open" in administrator().get(address("calendar", calendar)).text


@pytest.mark.parametrize("text", ["", "2026-13", "x", "99999-01", "0001-01", "9999-12"])
def test_a_month_that_cannot_be_is_answered_with_one_that_can(house: House, text: str) -> None:
    assert administrator().get(address("calendar", house.line.calendar), {"month": text}).status_code == 200
    assert 2000 <= read_month(text, "Europe/Riga").year <= 2100


FACES = st.integers(0, 95).map(lambda quarter: quarter * 15)
HOURS = st.lists(st.tuples(FACES, FACES.map(lambda minute: minute or 1440)), max_size=2).map(
    lambda pairs: [pair for pair in pairs[:1] if pair[0] != pair[1]]
)
WEEKS = st.lists(HOURS, min_size=7, max_size=7).filter(any)


@pytest.mark.django_db
@settings(max_examples=25, deadline=None)
@given(WEEKS, st.dictionaries(st.integers(1, 28), HOURS, max_size=3), st.sampled_from(("2031-03", "2031-10")))
def test_the_month_shows_what_the_engine_answers(
    week: list[list[tuple[int, int]]], dates: dict[int, list[tuple[int, int]]], month: str
) -> None:
    calendar = Calendar(name="any", time_zone="Europe/Riga", holiday_country="LV")
    save_calendar(calendar, seen=None, week=week)
    first = read_month(month, "Europe/Riga")
    for day, hours in dates.items():
        set_day(calendar, seen=calendar.revision, day=first.replace(day=day), hours=hours, note="")
    calendar.refresh_from_db()
    engine, zone = calendar.work_calendar(), ZoneInfo("Europe/Riga")
    for shown in (day for days in month_of(calendar, first).weeks for day in days):
        for quarter in range(96):
            local = datetime.combine(shown.date, time(quarter // 4, quarter % 4 * 15), tzinfo=zone)
            if is_clock_change(local):
                continue
            face = f"{local:%H:%M}"
            assert engine.is_open(local) == any(
                opening <= face < closing for opening, closing in (each.split("–") for each in shown.hours)
            ), (shown, face)


def is_clock_change(local: datetime) -> bool:
    """Whether this time of day comes twice or never."""
    return local.utcoffset() != local.replace(fold=1).utcoffset() or local.astimezone(UTC).astimezone(
        local.tzinfo
    ).replace(tzinfo=None) != local.replace(tzinfo=None)


@given(WEEKS, st.integers(0, 60 * 24 * 400), st.integers(0, 60 * 24 * 10))
@settings(max_examples=60, deadline=None)
def test_stretches_add_up_to_the_working_time_between(
    week: list[list[tuple[int, int]]], begin: int, length: int
) -> None:
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    faces = [[[f"{m // 60:02}:{m % 60:02}" for m in pair] for pair in hours] for hours in week]
    engine = WorkCalendar.from_dict({"timezone": "Europe/Riga", "weekly_hours": dict(zip(names, faces, strict=True))})
    start = datetime(2030, 1, 1, tzinfo=UTC) + timedelta(minutes=begin)
    end = start + timedelta(minutes=length)
    stretches = list(open_stretches(engine, start, end))
    assert sum((closing - opening for opening, closing in stretches), timedelta(0)) == engine.between(start, end)
    assert all(engine.is_open(opening) and opening < closing <= end for opening, closing in stretches)


def test_a_calendar_is_deleted_when_nothing_uses_it_and_its_page_says_what_does(house: House) -> None:
    browser, calendar = administrator(), make_calendar()
    set_day(calendar, seen=1, day=FAR, hours=[(540, 1020)], note="")
    contact = house.client.contacts.get()
    contact.calendar = calendar
    contact.save()
    rota = house.client.rotas.create(name="Nakts", calendar=calendar)
    page = browser.get(address("calendar", calendar)).text
    assert "Klīnika Sirds: Nakts" in page
    assert "Klīnika Sirds: Līga Bērziņa" in page
    assert "Delete the calendar" not in page
    refused = browser.post(address("delete-calendar", calendar), {"revision": 2}, follow=True).text
    assert "This calendar is in use. Nothing was deleted." in refused
    contact.calendar = None
    contact.save()
    rota.delete()
    assert "Delete the calendar" in browser.get(address("calendar", calendar)).text
    stale = browser.post(address("delete-calendar", calendar), {"revision": 1}, follow=True).text
    assert "Somebody else has saved this" in stale
    done = browser.post(address("delete-calendar", calendar), {"revision": 2}, follow=True).text
    assert "is deleted" in done
    assert not Calendar.objects.filter(pk=calendar.pk).exists()


def test_every_calendar_in_use_is_refused_whoever_uses_it(house: House) -> None:
    line, provider = make_line(house.client, calendar=make_calendar()), house.client.provider
    provider.calendar = make_calendar()
    provider.save()
    for calendar in (line.calendar, provider.calendar, house.client.calendar):
        seen = Calendar.objects.get(pk=calendar.pk).revision
        with pytest.raises(CalendarInUse):
            delete_calendar(calendar, seen=seen)
    assert Calendar.objects.count() == 4
