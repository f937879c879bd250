"""Open deadlines follow changed hours, calendars and targets, and say why."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test import Client as Http
from django.urls import reverse

from answering.console.workload import call_backs_for
from answering.lib import clock
from clients.models import Calendar, CalendarDay, Client, HoursChange
from inquiries.models import DeadlineChange, DeadlineReason, Inquiry
from inquiries.recomputing import recompute_deadlines
from inquiries.services import answer_inquiry, request_call_back, take_message
from inquiries.tasks import follow_changed_hours
from tests.cast import House, make_calendar, make_member, ring, talk
from tests.inquiries.stories import fields, lose_a_call
from tests.waiting import wait_until

RIGA = ZoneInfo("Europe/Riga")
AT_ONCE = timedelta(0)


def on(day: int, hour: int) -> datetime:
    """In November 2026; the 13th is a Friday."""
    return datetime(2026, 11, day, hour, tzinfo=RIGA)


@pytest.fixture
def pass_to(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """It is Friday, four o'clock, until told otherwise."""

    def to(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment.astimezone(UTC))

    to(on(13, 16))
    return to


@pytest.fixture
def office(house: House, pass_to: object) -> Calendar:
    """Monday to Friday 9-17, of the client and of the service, each its own."""
    house.client.calendar = make_calendar(always=False)
    house.client.save()
    house.client.provider.calendar = make_calendar(always=False)
    house.client.provider.save()
    HoursChange.objects.all().delete()
    return house.client.calendar


@pytest.fixture
def message(house: House, office: Calendar) -> Inquiry:
    """Due on Monday at four."""
    return take_message(talk(ring(house.line), house.agent), agent=house.agent, fields=fields())


def due(inquiry: Inquiry) -> datetime:
    return Inquiry.objects.get(pk=inquiry.pk).due_at


def close(calendar: Calendar, day: datetime) -> None:
    CalendarDay.objects.create(calendar=calendar, date=day.date())


def test_a_day_off_moves_what_is_due_then_and_says_why(message: Inquiry, office: Calendar) -> None:
    assert due(message) == on(16, 16)
    close(office, on(16, 0))
    assert recompute_deadlines(settled=AT_ONCE) == 1
    assert due(message) == on(17, 16)
    change = DeadlineChange.objects.get()
    assert (change.inquiry, change.reason) == (message, DeadlineReason.HOURS)
    assert (change.was_due_at, change.due_at) == (on(16, 16), on(17, 16))
    assert recompute_deadlines(settled=AT_ONCE) == 0
    assert not HoursChange.objects.exists()


def test_hours_that_give_the_same_deadline_leave_no_line(message: Inquiry, office: Calendar) -> None:
    close(office, on(27, 0))
    assert HoursChange.objects.exists()
    assert recompute_deadlines(settled=AT_ONCE) == 0
    assert not DeadlineChange.objects.exists()


def test_another_target_or_calendar_of_the_client_moves_it(message: Inquiry, house: House) -> None:
    Client.objects.update(response_target=timedelta(hours=1))
    recompute_deadlines(settled=AT_ONCE)
    assert due(message) == on(13, 17)
    Client.objects.update(calendar=make_calendar(), response_target=timedelta(hours=4))
    recompute_deadlines(settled=AT_ONCE)
    assert due(message) == on(13, 20)
    reasons = DeadlineChange.objects.values_list("reason", flat=True)
    assert list(reasons) == [DeadlineReason.TERMS, DeadlineReason.TERMS]


def test_the_services_own_calendar_moves_call_backs_only(message: Inquiry, house: House) -> None:
    call_back = request_call_back(lose_a_call(house, number="+37126999999").pk)
    assert call_back is not None
    close(house.client.provider.calendar, on(16, 0))
    assert recompute_deadlines(settled=AT_ONCE) == 1
    assert (due(message), due(call_back)) == (on(16, 16), on(17, 16))
    (row,) = call_backs_for(house.agent).due
    assert row.moved_because == "the hours of a calendar were changed"
    house.client.provider.calendar = make_calendar()
    house.client.provider.save()
    assert recompute_deadlines(settled=AT_ONCE) == 1
    assert due(call_back) == on(14, 0)


def test_what_is_answered_or_late_stays(
    message: Inquiry, house: House, office: Calendar, pass_to: Callable[[datetime], None]
) -> None:
    pass_to(on(16, 17))
    close(office, on(16, 0))
    recompute_deadlines(settled=AT_ONCE)
    assert due(message) == on(16, 16), "the breach is on record"
    answer_inquiry(message.pk, agent=house.agent, note="")
    pass_to(on(13, 16))
    close(office, on(17, 0))
    recompute_deadlines(settled=AT_ONCE)
    assert due(message) == on(16, 16)


def test_what_would_be_late_at_once_keeps_its_deadline(message: Inquiry, pass_to: Callable[[datetime], None]) -> None:
    pass_to(on(16, 12))
    Client.objects.update(response_target=timedelta(hours=1))
    assert recompute_deadlines(settled=AT_ONCE) == 0
    assert due(message) == on(16, 16)
    assert not DeadlineChange.objects.exists()


def test_a_change_of_this_moment_waits_for_what_is_being_written(message: Inquiry, office: Calendar) -> None:
    close(office, on(16, 0))
    assert follow_changed_hours() == 0
    assert (due(message), HoursChange.objects.count()) == (on(16, 16), 1)


def test_the_client_reads_why_a_deadline_has_moved(message: Inquiry, office: Calendar, house: House) -> None:
    close(office, on(16, 0))
    recompute_deadlines(settled=AT_ONCE)
    owner = Http()
    owner.force_login(make_member(house.client))
    assert message.call is not None
    for page in (reverse("portal:messages"), reverse("portal:call", args=[message.call.public_id])):
        assert "the hours of a calendar were changed" in owner.get(page, follow=True).text


def test_one_change_that_cannot_be_taken_up_does_not_keep_the_others(
    message: Inquiry, office: Calendar, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    calendar = house.client.provider.calendar
    close(calendar, on(16, 0))
    close(office, on(16, 0))
    clients = HoursChange.clients

    def broken(change: HoursChange) -> object:
        return clients(change) if change.calendar_id == office.pk else 1 / 0

    monkeypatch.setattr(HoursChange, "clients", broken)
    assert recompute_deadlines(settled=AT_ONCE) == 1
    assert [change.calendar for change in HoursChange.objects.all()] == [calendar]


def test_a_calendar_that_is_changed_during_a_sweep_is_swept_again(live_house: House) -> None:
    calendar = live_house.client.calendar
    close(calendar, on(16, 0))

    def change_again() -> None:
        close(calendar, on(17, 0))
        connection.close()

    again = Thread(target=change_again)
    with transaction.atomic():
        taken = HoursChange.objects.select_for_update().get()
        again.start()
        assert wait_until(somebody_waits, 10)
        taken.delete()
    again.join(10)
    assert HoursChange.objects.filter(calendar=calendar).exists()


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])
