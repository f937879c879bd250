"""Accounts from the settings and from rows; secrets that lie sealed; what serves while the database is away."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError, connection
from django.db.models import ProtectedError
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from answering.accounts.models import User
from answering.twilio import accounts
from answering.twilio.accounts import Account, account_by_sid, account_of, all_accounts, own_account
from answering.twilio.errors import NotConfigured
from answering.twilio.models import TwilioAccount
from answering.twilio.seals import SealBroken, seal, unseal
from tests.cast import House
from tests.twilio.state import Subscriber, new_sid
from tests.waiting import wait_until

TOKEN, SECRET = "f" * 32, "q" * 32


def make_row(**fields: object) -> TwilioAccount:
    """Not saved; without a key unless one is given."""
    return TwilioAccount(**{"name": "Klīnika Sirds", "sid": new_sid("AC"), "auth_token": TOKEN} | fields)


def add_row(**fields: object) -> TwilioAccount:
    row = make_row(**{"api_key": new_sid("SK"), "api_secret": SECRET} | fields)
    row.save()
    return row


def a_minute_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts._rows, "_good_until", 0.001)


class Away:
    """A database that does not answer, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, execute: object, *args: object) -> object:
        self.asked += 1
        raise OperationalError("the database is away")


def test_the_settings_name_the_own_account(subscriber: Subscriber) -> None:
    own = own_account()
    assert own is not None
    assert (own.sid, own.auth_token, own.row_id) == (subscriber.sid, subscriber.auth_token, None)
    assert account_of(None) == own


def test_without_settings_there_is_none() -> None:
    assert own_account() is None
    with pytest.raises(NotConfigured, match="TWILIO_ACCOUNT_SID"):
        account_of(None)


def test_the_own_account_needs_no_database(subscriber: Subscriber) -> None:
    """No database mark: any query would fail this test."""
    assert account_by_sid(subscriber.sid) == own_account()


@pytest.mark.django_db
def test_a_row_is_an_account_too(subscriber: Subscriber) -> None:
    row = add_row(application_sid="AP" + "3" * 32)
    found = account_by_sid(row.sid)
    assert found == Account(row.name, row.sid, TOKEN, row.api_key, SECRET, row.application_sid, row.pk)
    assert account_of(row.pk) == found
    assert all_accounts() == (own_account(), found)


@pytest.mark.django_db
def test_an_account_out_of_use_is_none() -> None:
    row = add_row(is_active=False)
    assert account_by_sid(row.sid) is None
    with pytest.raises(NotConfigured):
        account_of(row.pk)


@pytest.mark.django_db
def test_an_unknown_account_is_none() -> None:
    assert account_by_sid("AC" + "0" * 32) is None
    assert account_by_sid("") is None


@pytest.mark.django_db
def test_rows_are_read_once_a_minute(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    row = add_row()
    with django_assert_num_queries(1):
        for _number in range(5):
            assert account_by_sid(row.sid)


@pytest.mark.django_db
def test_a_change_made_here_counts_at_once() -> None:
    row = add_row()
    assert account_by_sid(row.sid)
    row.is_active = False
    row.save()
    assert account_by_sid(row.sid) is None


@pytest.mark.django_db
def test_a_change_made_elsewhere_counts_after_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    row = add_row()
    assert account_by_sid(row.sid)
    TwilioAccount.objects.update(is_active=False)
    assert account_by_sid(row.sid)
    a_minute_passes(monkeypatch)
    assert account_by_sid(row.sid) is None


@pytest.mark.django_db
def test_a_line_of_a_row_just_made_elsewhere_finds_it() -> None:
    assert all_accounts() == ()
    TwilioAccount.objects.bulk_create([make_row()])  # no signal
    row = TwilioAccount.objects.get()
    assert account_of(row.pk).sid == row.sid


@pytest.mark.django_db
def test_known_accounts_go_on_serving_while_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    row, away = add_row(), Away()
    assert account_by_sid(row.sid)
    a_minute_passes(monkeypatch)
    with connection.execute_wrapper(away):
        for _number in range(5):
            assert account_by_sid(row.sid)
    assert away.asked == 1, "a webhook must not wait for it each time"


@pytest.mark.django_db
def test_an_unread_account_is_none_while_the_database_is_away() -> None:
    row, away = add_row(), Away()
    with connection.execute_wrapper(away):
        assert account_by_sid(row.sid) is None


@pytest.mark.django_db
def test_one_thread_reads_while_the_others_go_on_with_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    row = add_row()
    assert account_by_sid(row.sid)
    begun, go_on, results = threading.Event(), threading.Event(), []

    def slow_read() -> None:
        begun.set()
        go_on.wait(10)

    a_minute_passes(monkeypatch)
    monkeypatch.setattr(accounts._rows, "_read", slow_read)
    reader = threading.Thread(target=account_by_sid, args=(row.sid,))
    reader.start()
    wait_until(begun.is_set)
    results.append(account_by_sid(row.sid))
    go_on.set()
    reader.join()
    assert results[0] is not None


# -- secrets ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_secrets_lie_sealed_in_the_database() -> None:
    row = add_row()
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(account)::text FROM twilio_twilioaccount account")
        (stored,) = cursor.fetchone()
    assert row.sid in stored
    assert TOKEN not in stored
    assert SECRET not in stored


def test_a_seal_opens_with_the_same_key_only(settings: Settings) -> None:
    sealed = seal("word")
    assert unseal(sealed) == "word"
    assert seal("word") != sealed
    settings.SECRET_KEY = "another key"
    with pytest.raises(SealBroken):
        unseal(sealed)


@pytest.mark.parametrize("spoilt", ["x", "gAAAAA", "é"])
def test_what_is_no_seal_is_told(spoilt: str) -> None:
    with pytest.raises(SealBroken):
        unseal(spoilt)


@pytest.mark.django_db
def test_an_account_whose_seal_is_broken_does_not_stop_the_others(settings: Settings) -> None:
    broken = add_row()
    settings.SECRET_KEY = "another key"
    whole = add_row()
    assert [account.sid for account in all_accounts()] == [whole.sid]
    with pytest.raises(NotConfigured):
        account_of(broken.pk)


def test_nothing_that_is_printed_shows_a_secret() -> None:
    account = Account("test", "AC" + "0" * 32, TOKEN, "SK" + "0" * 32, SECRET)
    row = make_row(api_secret=SECRET)
    printed = f"{account} {account!r} {row} {row!r}"
    assert TOKEN not in printed
    assert SECRET not in printed


@pytest.mark.django_db
def test_a_key_without_its_secret_is_refused() -> None:
    row = make_row(api_key=new_sid("SK"))
    with pytest.raises(ValidationError):
        row.full_clean()
    with pytest.raises(IntegrityError):
        row.save()


@pytest.mark.django_db
@pytest.mark.parametrize("sid", ["", "AC", "SK" + "0" * 32, "AC" + "g" * 32, "AC" + "0" * 33, "AC" + "0" * 32 + "\n"])
def test_a_sid_of_another_form_is_refused(sid: str) -> None:
    with pytest.raises(ValidationError):
        make_row(sid=sid).full_clean()


# -- the maintenance hatch -------------------------------------------------------------------


@pytest.fixture
def administrator(db: None) -> Browser:
    browser = Browser()
    browser.force_login(User.objects.create_superuser("root@example.test", "a long enough password", full_name="Root"))
    return browser


def form(**fields: str) -> dict[str, str]:
    empty = {"name": "Klīnika", "api_key": "", "new_auth_token": "", "new_api_secret": "", "application_sid": ""}
    return empty | {"is_active": "on"} | fields


def test_an_account_is_added_with_secrets_that_are_never_shown_again(administrator: Browser) -> None:
    sid, key = new_sid("AC"), new_sid("SK")
    fields = form(sid=sid, api_key=key, new_auth_token=TOKEN, new_api_secret=SECRET)
    assert administrator.post(reverse("admin:twilio_twilioaccount_add"), fields).status_code == 302
    row = TwilioAccount.objects.get()
    assert (row.sid, row.auth_token, row.api_secret) == (sid, TOKEN, SECRET)
    page = administrator.get(reverse("admin:twilio_twilioaccount_change", args=[row.pk])).content.decode()
    assert sid in page
    for hidden in (TOKEN, SECRET, row.sealed_auth_token, row.sealed_api_secret):
        assert hidden not in page


def test_secrets_left_empty_stay(administrator: Browser) -> None:
    row = add_row()
    address = reverse("admin:twilio_twilioaccount_change", args=[row.pk])
    assert administrator.post(address, form(name="New name", api_key=row.api_key)).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.auth_token, row.api_secret) == ("New name", TOKEN, SECRET)


def test_a_secret_is_replaced(administrator: Browser) -> None:
    row = add_row()
    address = reverse("admin:twilio_twilioaccount_change", args=[row.pk])
    fields = form(api_key=row.api_key, new_auth_token="e" * 32)
    assert administrator.post(address, fields).status_code == 302
    row.refresh_from_db()
    assert (row.auth_token, row.api_secret) == ("e" * 32, SECRET)


def test_a_key_taken_away_takes_its_secret_along(administrator: Browser) -> None:
    row = add_row()
    address = reverse("admin:twilio_twilioaccount_change", args=[row.pk])
    assert administrator.post(address, form()).status_code == 302
    row.refresh_from_db()
    assert (row.api_key, row.sealed_api_secret) == ("", "")


@pytest.mark.parametrize("missing", ["new_auth_token", "new_api_secret"])
def test_an_account_is_not_added_by_halves(administrator: Browser, missing: str) -> None:
    fields = form(sid=new_sid("AC"), api_key=new_sid("SK"), new_auth_token=TOKEN, new_api_secret=SECRET)
    answer = administrator.post(reverse("admin:twilio_twilioaccount_add"), fields | {missing: ""})
    assert answer.status_code == 200
    assert not TwilioAccount.objects.exists()


def test_an_account_whose_seal_is_broken_can_still_be_opened(administrator: Browser, settings: Settings) -> None:
    row = add_row()
    settings.SECRET_KEY = "another key"
    administrator.force_login(User.objects.get())
    assert administrator.get(reverse("admin:twilio_twilioaccount_changelist")).status_code == 200
    address = reverse("admin:twilio_twilioaccount_change", args=[row.pk])
    assert administrator.get(address).status_code == 200


def test_an_account_with_a_line_is_not_deleted(house: House) -> None:
    house.line.twilio_account = add_row()
    house.line.save()
    with pytest.raises(ProtectedError):
        house.line.twilio_account.delete()
