"""By when a reply is owed: a message on the client's calendar, a call-back on the service's."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from answering.lib import clock
from clients.models import Calendar, CalendarDay, Client
from inquiries.deadlines import client_deadline, provider_deadline
from inquiries.models import Inquiry
from inquiries.services import request_call_back, take_message
from tests.cast import House, make_calendar, make_client, make_house, make_provider, ring, talk
from tests.inquiries.stories import fields, lose_a_call

pytestmark = pytest.mark.django_db

RIGA = ZoneInfo("Europe/Riga")
FRIDAY = datetime(2026, 11, 13, 16, 0, tzinfo=RIGA)  # the Wednesday after is a holiday in Latvia


@pytest.fixture
def friday(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """It is Friday, an hour before the office closes."""
    monkeypatch.setattr(clock, "now", lambda: FRIDAY.astimezone(UTC))
    return FRIDAY


def office(country: str = "") -> Calendar:
    return make_calendar(always=False, country=country)


def never_open() -> Calendar:
    return Calendar.objects.create(name="never", time_zone="Europe/Riga")


@pytest.mark.parametrize(
    ("began", "hours", "due"),
    [
        ("2026-11-12 10:00", 2, "2026-11-12 12:00"),
        ("2026-11-12 16:00", 8, "2026-11-13 16:00"),
        ("2026-11-13 16:00", 8, "2026-11-16 16:00"),  # over the weekend
        ("2026-11-14 12:00", 8, "2026-11-16 17:00"),  # from Saturday: stays at closing
        ("2026-11-17 15:00", 8, "2026-11-19 15:00"),  # over the 18th of November
        ("2026-12-23 16:00", 8, "2026-12-28 16:00"),  # over Christmas and a weekend
        ("2026-03-27 16:30", 1, "2026-03-30 09:30"),  # over the change of the clocks
    ],
)
def test_working_hours_pass_over_nights_weekends_and_holidays(began: str, hours: int, due: str) -> None:
    client = make_client(calendar=office("LV"), response_target=timedelta(hours=hours))
    start, expected = (datetime.fromisoformat(each).replace(tzinfo=RIGA) for each in (began, due))
    assert client_deadline(client, start) == expected


def test_a_day_with_hours_of_its_own_counts_with_those() -> None:
    calendar = office()
    saturday = CalendarDay.objects.create(calendar=calendar, date=FRIDAY.date() + timedelta(days=1))
    saturday.intervals.create(opens_minute=600, closes_minute=900)
    client = make_client(calendar=calendar, response_target=timedelta(hours=3))
    assert client_deadline(client, FRIDAY) == datetime(2026, 11, 14, 12, 0, tzinfo=RIGA)


def test_a_message_is_due_on_the_clients_calendar(friday: datetime) -> None:
    house = house_with(client=office(), provider=make_calendar())
    inquiry = take_message(talk(ring(house.line), house.agent), agent=house.agent, fields=fields())
    assert inquiry.due_at == datetime(2026, 11, 16, 16, 0, tzinfo=RIGA)


def test_a_call_back_is_due_on_the_services_calendar(friday: datetime) -> None:
    house = house_with(client=make_calendar(), provider=office())
    inquiry = request_call_back(lose_a_call(house).pk)
    assert inquiry
    assert inquiry.received_at == friday
    assert inquiry.due_at == datetime(2026, 11, 16, 16, 0, tzinfo=RIGA)


def test_a_client_without_working_time_still_gets_its_message_due_on_the_services_calendar(friday: datetime) -> None:
    house = house_with(client=never_open(), provider=office())
    call = talk(ring(house.line), house.agent)
    with capture_logs() as logs:
        inquiry = take_message(call, agent=house.agent, fields=fields())
    assert inquiry.due_at == datetime(2026, 11, 16, 16, 0, tzinfo=RIGA)
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("inquiry.calendar_unfit", "error")]


@pytest.mark.parametrize("flaw", [{"time_zone": "Nowhere/Here"}, {"holiday_country": "QQ"}])
def test_a_calendar_that_makes_no_sense_does_not_cost_the_message(friday: datetime, flaw: dict[str, str]) -> None:
    client = make_client(calendar=office())
    Calendar.objects.filter(pk=client.calendar_id).update(**flaw)
    client = Client.objects.get(pk=client.pk)
    assert client_deadline(client, friday) == friday + timedelta(hours=8)


def test_nobody_with_working_time_means_around_the_clock(friday: datetime) -> None:
    provider = make_provider()
    provider.calendar = never_open()
    assert provider_deadline(provider, timedelta(hours=8), friday) == friday + timedelta(hours=8)


def house_with(*, client: Calendar, provider: Calendar) -> House:
    house = make_house()
    house.client.calendar = client
    house.client.save()
    house.client.provider.calendar = provider
    house.client.provider.save()
    return house


def test_the_open_requests_come_with_the_nearest_deadline_first(house: House) -> None:
    call = talk(ring(house.line), house.agent)
    for hours in (5, 1, 3):
        inquiry = take_message(call, agent=house.agent, fields=fields())
        Inquiry.objects.filter(pk=inquiry.pk).update(due_at=clock.now() + timedelta(hours=hours))
    due = list(Inquiry.objects.open().values_list("due_at", flat=True))
    assert due == sorted(due)
