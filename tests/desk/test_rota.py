"""A client's rota at the desk: shifts, somebody else instead, gaps, the log, the calendar address."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.test import Client as Browser
from django.urls import reverse
from icalendar import Calendar as FeedCalendar

from answering.lib import clock
from clients.duty import gaps_of, timetable_of
from clients.models import Client, Contact, RepeatingShift, Rota, RotaChange, RotaChangeKind, RotaOverride
from clients.services.contacts import ContactFields, add_contact
from clients.services.rota import ShiftFields, add_rota, add_shifts, end_shift, open_feed
from tests.cast import House, make_calendar, make_client
from tests.desk.house_desk import supervisor, those_kept_out

RIGA = ZoneInfo("Europe/Riga")
NOON = datetime(2026, 11, 24, 12, tzinfo=RIGA)  # a Tuesday
MONDAY = date(2026, 11, 23)


@pytest.fixture
def rota(house: House, monkeypatch: pytest.MonkeyPatch) -> Rota:
    """On call around the clock; it is noon on a Tuesday."""
    monkeypatch.setattr(clock, "now", lambda: NOON)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOON)
    return add_rota(house.client, name="On call")


def person(rota: Rota, name: str = "Jānis") -> Contact:
    return add_contact(rota.client, ContactFields(name, "lv"))


def address(name: str, rota: Rota, *more: object) -> str:
    return reverse(f"desk:{name}", args=[rota.client.public_id, rota.public_id, *more])


def shifts_form(contact: Contact, **fields: Any) -> dict[str, Any]:
    values = {"weekdays": ["0", "1"], "starts": "08:00", "ends": "20:00", "every_weeks": "1", "last_day": ""}
    return values | {"contact": str(contact.public_id), "first_day": "2026-11-23"} | fields


def test_shifts_are_added_shown_in_the_week_and_logged(rota: Rota) -> None:
    contact, browser = person(rota), supervisor()
    page = browser.post(address("add_shifts", rota), shifts_form(contact), follow=True).text
    assert [(each.first_day, each.starts_minute, each.ends_minute) for each in rota.shifts.order_by("pk")] == [
        (MONDAY, 480, 1200),
        (MONDAY + timedelta(days=1), 480, 1200),
    ]
    assert "now Jānis" in page
    assert "08:00–20:00" in page
    change = rota.changes.filter(kind=RotaChangeKind.SHIFT).first()
    assert change is not None
    assert (str(change.user), change.summary) == ("Sandra Liepa", "Jānis · 2026-11-23 08:00–20:00 · /1")


def test_the_week_of_the_clock_change_shows_its_own_times(rota: Rota) -> None:
    contact = person(rota)
    add_shifts(rota, ShiftFields(contact, (6,), date(2026, 10, 25), 0, 8 * 60))
    page = supervisor().get(address("rota", rota), {"week": "2026-10-19"}).text
    assert "00:00–08:00" in page


@pytest.mark.parametrize("week", ["nonsense", "0001-01-01", "9999-12-31", "2026-02-30", "'"])
def test_a_week_that_cannot_be_is_this_week(rota: Rota, week: str) -> None:
    assert supervisor().get(address("rota", rota), {"week": week}).context["week"].monday == MONDAY


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"weekdays": []}, "required"),
        ({"weekdays": ["9"]}, "valid choice"),
        ({"starts": "25:00"}, "valid time"),
        ({"every_weeks": "0"}, "greater than or equal to 1"),
        ({"first_day": "2026-02-30"}, "valid date"),
        ({"last_day": "2026-11-01"}, "before the first"),
        ({"contact": "01a20c82-6e3a-76f2-a2e3-546876ab3e7c"}, "valid choice"),
        ({"contact": "nobody"}, "not a valid UUID"),
    ],
)
def test_bad_shifts_are_refused_in_a_sentence(rota: Rota, wrong: dict[str, Any], said: str) -> None:
    answer = supervisor().post(address("add_shifts", rota), shifts_form(person(rota)) | wrong)
    assert answer.status_code == 422
    assert said in answer.text
    assert not RepeatingShift.objects.exists()


def test_the_same_shift_twice_is_refused(rota: Rota) -> None:
    contact, browser = person(rota), supervisor()
    browser.post(address("add_shifts", rota), shifts_form(contact))
    answer = browser.post(address("add_shifts", rota), shifts_form(contact))
    assert "has a shift that begins at this time already" in answer.text
    assert rota.shifts.count() == 2


def test_somebody_else_is_on_duty_instead_until_that_is_taken_back(rota: Rota) -> None:
    usual, other, browser = person(rota), person(rota, "Anna"), supervisor()
    browser.post(address("add_shifts", rota), shifts_form(usual))
    form = {"contact": other.public_id, "starts_at": "2026-11-24T10:00", "ends_at": "2026-11-24T15:00", "reason": "ill"}
    page = browser.post(address("add_override", rota), form, follow=True).text
    assert "now Anna" in page
    override = RotaOverride.objects.get()
    assert override.starts_at == NOON - timedelta(hours=2)
    page = browser.post(address("end_override", rota, override.pk), follow=True).text
    assert "now Jānis" in page
    override.refresh_from_db()
    assert override.ends_at == NOON  # what has passed stays
    assert list(rota.changes.order_by("pk").values_list("kind", flat=True))[-2:] == ["override", "override_ended"]


@pytest.mark.parametrize(
    ("starts", "ends", "said"),
    [
        ("2026-11-24T10:00", "2026-11-24T10:00", "not after the start"),
        ("2026-11-24T10:00", "2028-11-24T10:00", "longer than a year"),
        ("2026-03-29T03:30", "2026-03-29T05:00", "valid date/time|couldn’t be interpreted"),
    ],
)
def test_a_bad_override_is_refused(rota: Rota, starts: str, ends: str, said: str) -> None:
    form = {"contact": person(rota).public_id, "starts_at": starts, "ends_at": ends}
    answer = supervisor().post(address("add_override", rota), form)
    assert answer.status_code == 422
    assert any(each in answer.text for each in said.split("|"))
    assert not RotaOverride.objects.exists()


def test_an_ended_shift_stays_in_the_past(rota: Rota) -> None:
    contact = person(rota)
    (begun,) = add_shifts(rota, ShiftFields(contact, (0,), MONDAY, 480, 1200))
    (coming,) = add_shifts(rota, ShiftFields(contact, (5,), MONDAY, 480, 1200))
    for shift in (begun, coming):
        end_shift(shift, last_day=NOON.date() - timedelta(days=1))
    assert RepeatingShift.objects.get().last_day == MONDAY
    assert timetable_of(rota).on_duty(datetime(2026, 11, 23, 12, tzinfo=RIGA)) == (contact.pk,)


def test_gaps_are_listed_within_the_hours_in_which_somebody_must_be_there(rota: Rota) -> None:
    rota.calendar = make_calendar(always=False)  # Monday to Friday 9-17
    rota.save()
    add_shifts(rota, ShiftFields(person(rota), (0, 1, 2, 3), MONDAY, 540, 960))
    gaps = gaps_of(rota, timetable_of(rota), NOON, NOON + timedelta(days=4))
    local = [(gap.starts_at.astimezone(RIGA).strftime("%a %H"), gap.ends_at - gap.starts_at) for gap in gaps]
    hour = timedelta(hours=1)
    assert local == [("Tue 16", hour), ("Wed 16", hour), ("Thu 16", hour), ("Fri 09", 8 * hour)]


def test_the_page_costs_the_same_however_many_shifts_there_are(
    rota: Rota, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    for number in range(30):
        add_shifts(rota, ShiftFields(person(rota, f"P{number}"), (number % 7,), MONDAY, 480, 1200))
    browser = supervisor()
    with django_assert_max_num_queries(26):  # type: ignore[operator]
        browser.get(address("rota", rota))


def test_the_log_never_changes(rota: Rota) -> None:
    for act in (lambda: RotaChange.objects.update(summary=""), lambda: RotaChange.objects.all().delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


def feed_of(secret: str) -> Any:
    return Browser().get(reverse("rota_feed", args=[secret]))


def test_the_calendar_says_what_the_rota_says_across_the_clock_change(
    rota: Rota, monkeypatch: pytest.MonkeyPatch
) -> None:
    october = datetime(2026, 10, 20, 12, tzinfo=RIGA)
    monkeypatch.setattr(clock, "now", lambda: october)
    add_shifts(rota, ShiftFields(person(rota), tuple(range(7)), date(2026, 10, 1), 20 * 60, 8 * 60))
    answer = feed_of(open_feed(rota))
    assert answer["Content-Type"].startswith("text/calendar")
    calendar: Any = FeedCalendar.from_ical(answer.content)
    events = {(e["DTSTART"].dt.astimezone(UTC), e["DTEND"].dt.astimezone(UTC)) for e in calendar.walk("VEVENT")}
    assert events == {(duty.starts_at, duty.ends_at) for duty in timetable_of(rota).duties if duty.people}
    assert any(ends - starts == timedelta(hours=13) for starts, ends in events)
    (zone,) = calendar.walk("VTIMEZONE")
    assert zone["TZID"] == "Europe/Riga"
    # The rules of the file itself, not those of this machine, say the same.
    own = zone.to_tz(lookup_tzid=False)
    for event in calendar.walk("VEVENT"):
        naive = event["DTSTART"].dt.replace(tzinfo=None)
        assert naive.replace(tzinfo=own).utcoffset() == naive.replace(tzinfo=RIGA).utcoffset(), naive


def test_a_calendar_address_is_shown_once_and_can_be_replaced_and_revoked(rota: Rota) -> None:
    browser = supervisor()
    page = browser.post(address("rota_feed_address", rota), follow=True)
    first = page.context["new_address"]
    assert first in page.text
    assert first not in browser.get(address("rota", rota)).text
    assert Browser().get(first).status_code == 200
    second = browser.post(address("rota_feed_address", rota), follow=True).context["new_address"]
    assert [Browser().get(each).status_code for each in (first, second)] == [404, 200]
    browser.post(address("rota_feed_address", rota), {"revoke": "1"})
    assert Browser().get(second).status_code == 404
    assert feed_of("wrong").status_code == 404


def test_the_calendar_of_a_closed_company_is_gone(rota: Rota) -> None:
    secret = open_feed(rota)
    Client.objects.update(closed_at=NOON)
    assert feed_of(secret).status_code == 404


def test_a_rota_is_made_renamed_and_never_twice(rota: Rota) -> None:
    browser = supervisor()
    new = reverse("desk:new_rota", args=[rota.client.public_id])
    assert "has a rota of this name already" in browser.post(new, {"name": "On call"}).text
    assert browser.post(new, {"name": "Nights"}).status_code == 302
    answer = browser.post(address("change_rota", rota), {"name": "Nights"})
    assert answer.status_code == 422
    browser.post(address("change_rota", rota), {"name": "Days"})
    rota.refresh_from_db()
    assert rota.name == "Days"


def test_the_database_refuses_people_of_another_client(rota: Rota) -> None:
    stranger = make_client("Svešais").contacts.get()
    form = shifts_form(stranger)
    assert supervisor().post(address("add_shifts", rota), form).status_code == 422
    assert not RepeatingShift.objects.exists()


def test_nobody_else_finds_the_rota(rota: Rota, house: House) -> None:
    for browser in those_kept_out(house):
        assert browser.get(address("rota", rota)).status_code == 404
        assert browser.post(address("add_shifts", rota), shifts_form(person(rota))).status_code == 404
        assert browser.post(address("rota_feed_address", rota)).status_code == 404
    other = make_client("Svešais")
    wrong = reverse("desk:rota", args=[other.public_id, rota.public_id])
    assert supervisor().get(wrong).status_code == 404
