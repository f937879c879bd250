"""`verify_billing` replays every price, and the database keeps what has been priced as it is."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.checks import Tags, run_checks
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client as Browser
from django.urls import reverse

from answering.accounts.models import User
from billing.models import TariffVersion, UsageRecord
from billing.services import rate_call, rate_closed_calls
from billing.verification import find_differences
from calls.models import Call, CallEvent
from calls.states import EventKind
from clients.models import ScriptVersion
from tests.billing.stories import ABANDONED, Step, make_call, report_late
from tests.cast import House, make_client, make_line

pytestmark = pytest.mark.django_db


def verify() -> tuple[str, str]:
    output, errors = io.StringIO(), io.StringIO()
    call_command("verify_billing", stdout=output, stderr=errors)
    return output.getvalue(), errors.getvalue()


@contextmanager
def unguarded(table: str) -> Iterator[None]:
    """What somebody with the keys to the database could do."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_untouched_records_agree(house: House) -> None:
    make_call(house, ABANDONED)
    changed = make_call(house)
    rate_closed_calls()
    report_late(changed, house, Step(EventKind.CALLER_LEFT, 37))
    rate_closed_calls()
    assert verify() == ("2 records checked, 0 differ.\n", "")


@pytest.mark.parametrize(
    "tampered",
    [
        {"exact_amount": "0.01"},
        {"billable_seconds": 1},
        {"is_zero_rated": True},
        {"computation": {"intervals": [], "parts": []}},
        {"ended_at": "2020-01-01T00:00:00Z"},
    ],
)
def test_a_record_somebody_has_changed_is_found(house: House, tampered: dict[str, Any]) -> None:
    honest, call = make_call(house), make_call(house)
    rate_closed_calls()
    with unguarded("billing_usagerecord"):
        UsageRecord.objects.filter(call=call).update(**tampered)
    errors = io.StringIO()
    with pytest.raises(CommandError):
        call_command("verify_billing", stdout=io.StringIO(), stderr=errors)
    assert str(call.public_id) in errors.getvalue()
    assert str(honest.public_id) not in errors.getvalue()


@pytest.mark.parametrize("definition", [{"slots": "none"}, None])
def test_a_tariff_somebody_has_changed_is_found(house: House, definition: dict[str, Any] | None) -> None:
    rate_call(make_call(house).pk)
    if definition is None:
        definition = house.tariff.definition
        definition["slots"][0]["rates"][0]["rate"] = "0.0151"
    with unguarded("billing_tariffversion"):
        TariffVersion.objects.update(definition=definition)
    with pytest.raises(CommandError):
        verify()


def test_an_event_somebody_has_removed_is_found(house: House) -> None:
    call = make_call(house)
    rate_call(call.pk)
    with unguarded("calls_callevent"):
        call.events.filter(kind=EventKind.AGENT_JOINED).delete()
    assert [difference.record.call for difference in find_differences()] == [call]


def test_closed_calls_without_a_price_are_reported_with_the_reason(house: House) -> None:
    other = make_client("Bez tarifa", provider=house.client.provider)
    without = make_call(House(other, make_line(other), house.tariff, house.agent))
    waiting = make_call(house)
    output, _errors = verify()
    assert "2 closed calls are not priced: 1 of clients without a tariff in force then, 1 wait" in output
    assert str(without.public_id) in output
    assert str(waiting.public_id) in output


def test_replaying_many_records_takes_few_queries(house: House, django_assert_max_num_queries: Any) -> None:
    for _each in range(5):
        make_call(house)
    rate_closed_calls()
    with django_assert_max_num_queries(6):
        assert find_differences() == []


def test_the_command_ends_with_one_for_a_shell(house: House) -> None:
    rate_call(make_call(house).pk)
    with unguarded("billing_usagerecord"):
        UsageRecord.objects.update(exact_amount=5)
    with pytest.raises(CommandError) as failed:
        verify()
    assert failed.value.returncode == 1


# -- what the database refuses ---------------------------------------------------------------

CHANGES: dict[str, Callable[[Call], object]] = {
    "change a usage record": lambda call: call.usage.update(exact_amount=0),
    "delete a usage record": lambda call: call.usage.all()._raw_delete("default"),
    "change an event": lambda call: call.events.update(kind=EventKind.FAILED),
    "delete an event": lambda call: call.events.all()._raw_delete("default"),
    "change a used tariff version": lambda call: TariffVersion.objects.update(bills_hold=True),
    "delete a used tariff version": lambda call: TariffVersion.objects.all()._raw_delete("default"),
    "change a published script": lambda call: ScriptVersion.objects.update(definition={}),
    "delete a published script": lambda call: ScriptVersion.objects.all()._raw_delete("default"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_the_database_refuses_to(house: House, change: Callable[[Call], object]) -> None:
    call = make_call(house)
    rate_call(call.pk)
    with pytest.raises(IntegrityError, match=r"append-only|never changes"), transaction.atomic():
        change(call)
    assert call.usage.count() == 1
    assert CallEvent.objects.filter(call=call).exists()


def test_a_tariff_version_not_used_yet_can_be_put_right(house: House) -> None:
    TariffVersion.objects.update(bills_hold=True)
    assert TariffVersion.objects.get().bills_hold


def test_a_guard_switched_off_is_an_error(house: House) -> None:
    assert not [each for each in run_checks(tags=[Tags.database], databases=["default"]) if "billing" in str(each.id)]
    with unguarded("billing_usagerecord"):
        found = [each.id for each in run_checks(tags=[Tags.database], databases=["default"])]
    assert "billing.E001" in found


def test_the_hatch_shows_records_and_changes_none(house: House) -> None:
    rate_call(make_call(house).pk)
    browser = Browser()
    browser.force_login(User.objects.create_superuser("root@example.test", "a long enough password", full_name="Root"))
    assert browser.get(reverse("admin:billing_usagerecord_changelist")).status_code == 200
    record, version = UsageRecord.objects.get(), TariffVersion.objects.get()
    for name, row in (("usagerecord", record), ("tariffversion", version)):
        assert browser.post(reverse(f"admin:billing_{name}_change", args=[row.pk]), {}).status_code == 403
        assert browser.post(reverse(f"admin:billing_{name}_delete", args=[row.pk]), {}).status_code == 403
