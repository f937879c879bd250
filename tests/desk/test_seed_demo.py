import io
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Q
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext, override_settings
from phonenumbers import is_valid_number, parse
from pytest_django import DjangoDbBlocker, Settings

from answering.accounts.models import Agent, Language, StaffRole, User
from answering.desk.demo.staff import ELENA
from answering.lib import clock
from billing.models import UsageRecord
from billing.services import unrated_calls
from calls.ledger import fold
from calls.models import Call, Caller, CallEvent, CallOffer, OfferOutcome, ScriptAnswer
from calls.services.book import apply_fold, ledger_values
from calls.states import LOST_OUTCOMES, CallState
from clients.duty import duty_of
from clients.models import Client, Contact, Line, Membership, Provider, RepeatingShift
from inquiries.deadlines import client_deadline
from inquiries.models import Inquiry, InquiryKind
from inquiries.services import request_missing_call_backs

MODELS = (
    User,
    Provider,
    Client,
    Line,
    Contact,
    RepeatingShift,
    Caller,
    Call,
    CallEvent,
    CallOffer,
    Inquiry,
    UsageRecord,
)


def seed(*arguments: str) -> str:
    output = io.StringIO()
    call_command("seed_demo", *arguments, stdout=output)
    return output.getvalue()


def counts() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in MODELS}


@pytest.fixture(autouse=True)
def development(settings: Settings) -> None:
    settings.DEBUG = True


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The demo house, made once for the tests of this module and taken away after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(DEBUG=True, PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
            seed()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def demo(made: None, db: None) -> None:
    """The demo house; what a test changes in it is undone."""


def test_a_second_run_changes_nothing(demo: None) -> None:
    before = counts()
    with CaptureQueriesContext(connection) as queries:
        assert seed() == ""
    assert counts() == before
    assert len(queries) < 10
    assert all(before.values())


def test_a_run_cut_short_is_completed_by_the_next(demo: None) -> None:
    before = counts()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE calls_call, calls_caller, inquiries_inquiry, billing_usagerecord CASCADE")
    assert "calls of two months" in seed()
    assert Call.objects.count() == before["Call"]
    assert Client.objects.count() == before["Client"]


def test_the_bill_can_be_replayed_and_nothing_is_left_to_price(demo: None) -> None:
    output = io.StringIO()
    call_command("verify_billing", stdout=output)
    assert " 0 differ" in output.getvalue()
    assert not unrated_calls().exists()
    assert UsageRecord.objects.filter(exact_amount__gt=0).values("client").distinct().count() == 3
    assert not UsageRecord.objects.filter(call__disposition="spam", exact_amount__gt=0).exists()


def test_every_column_of_a_call_is_what_its_ledger_says(demo: None) -> None:
    for call in Call.objects.prefetch_related("events").select_related("line"):
        stored = ledger_values(call)
        apply_fold(call, fold(call.events.all()))
        assert ledger_values(call) == stored
        assert call.state == CallState.CLOSED
        assert call.next_action_at is None


def test_every_client_has_two_months_of_calls_on_its_working_days(demo: None) -> None:
    for client in Client.objects.all():
        zone, hours = ZoneInfo(client.time_zone), client.calendar.work_calendar()
        per_day: dict[date, int] = defaultdict(int)
        for started_at in client.calls.values_list("started_at", flat=True):
            per_day[started_at.astimezone(zone).date()] += 1
        busy = [day for day, count in per_day.items() if count >= 12]
        assert len(busy) >= 38
        assert max(per_day.values()) <= 25
        assert all(hours.is_open(datetime.combine(day, time(12), zone)) for day in busy)
        assert client.calls.filter(outcome="answered").count() > 0.8 * client.calls.count()


def test_deadlines_are_those_of_the_calendars_and_most_replies_keep_them(demo: None) -> None:
    for inquiry in Inquiry.objects.filter(kind=InquiryKind.MESSAGE).select_related("client__calendar"):
        assert inquiry.due_at == client_deadline(inquiry.client, inquiry.received_at)
        hours = inquiry.client.calendar.work_calendar()
        assert hours.is_open(inquiry.due_at - timedelta(microseconds=1))
    answered = Inquiry.objects.filter(answered_at__isnull=False)
    late = sum(inquiry.answered_at > inquiry.due_at for inquiry in answered if inquiry.answered_at)
    assert 0 < late < 0.1 * answered.count()
    assert not answered.filter(answered_at__gt=clock.now()).exists()


def test_every_lost_call_has_its_call_back_request(demo: None) -> None:
    lost = Call.objects.filter(outcome__in=LOST_OUTCOMES)
    assert Inquiry.objects.filter(kind=InquiryKind.CALLBACK).count() == lost.count() > 0
    assert request_missing_call_backs() == 0


def test_no_agent_is_ever_in_two_calls_and_each_answers_only_clients_and_languages_of_theirs(demo: None) -> None:
    for agent in Agent.objects.all():
        calls = list(agent.calls.order_by("answered_at"))
        assert all(
            first.closed_at and following.answered_at and first.closed_at <= following.answered_at
            for first, following in pairwise(calls)
        )
        assert Call.objects.filter(agent=agent).for_agent(agent).count() == len(calls)


def test_offers_are_closed_and_the_taker_of_a_call_was_offered_it(demo: None) -> None:
    assert not CallOffer.objects.filter(Q(outcome=OfferOutcome.OPEN) | Q(closed_at=None)).exists()
    for call in Call.objects.filter(outcome="answered").prefetch_related("offers"):
        taken = [offer.agent_id for offer in call.offers.all() if offer.outcome == OfferOutcome.CLAIMED]
        assert taken == [call.agent_id]


def test_numbers_are_valid_and_of_the_clients_country(demo: None) -> None:
    prefixes = {"sirds": "+371", "balte": "+370", "dikaio": "+30"}
    for line in Line.objects.all():
        callers = Call.objects.filter(line=line).exclude(caller_number="").values_list("caller_number", flat=True)
        for number in {str(line.number), *callers}:
            assert number.startswith(prefixes[line.slug])
            assert is_valid_number(parse(number))


def test_the_lines_answer_at_any_hour_and_the_clients_work_in_office_hours(demo: None) -> None:
    week = [clock.now() + timedelta(hours=hour) for hour in range(168)]
    for line in Line.objects.select_related("calendar", "client__calendar"):
        assert all(line.calendar.work_calendar().is_open(moment) for moment in week)
        assert not all(line.client.calendar.work_calendar().is_open(moment) for moment in week)


def test_one_agent_can_answer_everything_and_every_role_is_there(demo: None) -> None:
    elena = Agent.objects.get(user__email=ELENA.email)
    assert set(elena.languages.values_list("language", flat=True)) == set(Language.values)
    assert elena.clearances.count() == Client.objects.count() == 3
    assert set(User.objects.exclude(staff_role="").values_list("staff_role", flat=True)) == set(StaffRole.values) - {""}
    for client in Client.objects.all():
        assert set(Membership.objects.filter(client=client).values_list("role", flat=True)) == {"owner", "member"}
        stretches = duty_of(client).stretches(clock.now() - timedelta(days=8), clock.now() + timedelta(days=8))
        assert any(ends < clock.now() for each in stretches.values() for _starts, ends in each)
        assert any(starts > clock.now() for each in stretches.values() for starts, _ends in each)
        assert client.contacts.filter(is_default=True).count() == 1


def test_the_vip_client_has_a_consultant_who_speaks_its_language(demo: None) -> None:
    vip = Client.objects.get(plan="vip")
    assert vip.consultant is not None
    assert vip.consultant.user.staff_role == StaffRole.CONSULTANT
    assert vip.consultant.languages.filter(language=vip.language).exists()


def test_beside_each_call_stands_what_the_agent_needs_and_callers_have_answered_the_script(demo: None) -> None:
    for client in Client.objects.all():
        assert client.faq.filter(language=client.language).count() >= 6
        assert client.notices.running(clock.now()).count() == 1
        answered = ScriptAnswer.objects.filter(client=client).of_client()
        assert answered.count() > 50
        assert not answered.filter(call__inquiries=None).exists()
    assert set(ScriptAnswer.objects.of_client().filter(step_key="days_left").values_list("shown", flat=True)) == {"3"}


def test_everybody_on_the_list_of_logins_can_sign_in(demo: None) -> None:
    rows = [line.split("\t") for line in seed("--logins").splitlines()]
    roles = [role for role, _email, _password in rows]
    assert set(roles) == {"agent", "consultant", "supervisor", "administrator", "client owner", "client member"}
    assert roles.count("agent") == 2
    for _role, email, password in rows:
        browser = Browser()
        answer = browser.post("/accounts/login/", {"login": email, "password": password})
        assert answer.status_code == 302, email
        assert browser.session["_auth_user_id"] == str(User.objects.get(email=email).pk)
