"""What a closed call costs: one record per ledger, under the tariff of its time."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from answering.lib import clock
from billing.models import Tariff, TariffVersion, UsageRecord
from billing.rating import CallTariff, price_intervals
from billing.services import rate_call, rate_closed_calls, rate_recent_calls, stored_amount, unrated_calls
from billing.tasks import rate_call as rate_call_task
from calls.models import Call, Disposition
from calls.services import close_call
from calls.states import EventKind
from tests.billing.stories import ABANDONED, HELD_AND_TRANSFERRED, Step, make_call, report_late
from tests.cast import House, make_client, make_line, make_tariff
from tests.inquiries.stories import at_once

pytestmark = pytest.mark.django_db

NOTHING: list[dict[str, Any]] = []


def change_tariff(house: House, **values: Any) -> TariffVersion:
    TariffVersion.objects.filter(pk=house.tariff.pk).update(**values)
    return TariffVersion.objects.get(pk=house.tariff.pk)


def next_version(house: House, rate: str, **values: Any) -> TariffVersion:
    slot = {
        "timing": {"start_time": "00:00:00"},
        "connect_fee": "0",
        "rates": [{"from_s": 0, "rate": rate, "unit_s": 1, "increment_s": 1}],
        "weight": 10,
    }
    definition = {"timezone": "Europe/Riga", "slots": [slot]}
    fields: dict[str, Any] = {"valid_from": clock.now(), "definition": definition, "number": 2} | values
    return TariffVersion.objects.create(tariff=house.tariff.tariff, **fields)


def break_tariff(house: House) -> None:
    TariffVersion.objects.filter(pk=house.tariff.pk).update(definition={"slots": "none"})


def priced(call: Call) -> UsageRecord:
    record = rate_call(call.pk)
    assert record
    return record


def test_a_closed_call_is_priced_by_its_talk(house: House) -> None:
    record = priced(make_call(house))
    assert (record.billable_seconds, record.exact_amount, record.currency) == (67, Decimal("1.005"), "EUR")
    (part,) = record.parts
    assert (part["seconds"], part["rate"]) == (67, "0.0150")


def test_a_call_in_wrap_up_is_not_priced_yet(house: House) -> None:
    assert rate_call(make_call(house, wrap_up=None).pk) is None
    assert rate_closed_calls() == 0


def test_repeated_tasks_make_one_record(house: House) -> None:
    call = make_call(house)
    for _repeat in range(3):
        rate_call_task(call.pk)
    assert rate_closed_calls() == 0
    assert UsageRecord.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_workers_racing_for_one_call_make_one_record(live_house: House) -> None:
    call = make_call(live_house)
    results = at_once(lambda: priced(call).pk, 5)
    assert results == [UsageRecord.objects.get().pk] * 5


@pytest.mark.django_db(transaction=True)
def test_sweeps_racing_over_many_calls_make_one_record_each(live_house: House) -> None:
    calls = [make_call(live_house) for _ in range(6)]
    at_once(rate_closed_calls, 3)
    assert sorted(UsageRecord.objects.values_list("call", flat=True)) == sorted(call.pk for call in calls)


def test_a_late_fact_makes_a_new_revision_and_the_latest_is_in_force(house: House) -> None:
    call = make_call(house)
    first = priced(call)
    report_late(call, house, Step(EventKind.CALLER_LEFT, 37))
    assert list(unrated_calls()) == [call]
    second = priced(call)
    assert (first.revision, second.revision) == (1, 2)
    assert (first.billable_seconds, second.billable_seconds) == (67, 30)
    assert list(UsageRecord.objects.in_force()) == [second]


def test_a_result_given_after_the_wrap_up_limit_corrects_the_price(house: House) -> None:
    call = make_call(house, disposition=Disposition.NONE)
    priced(call)
    close_call(call.pk, agent=house.agent, disposition=Disposition.SPAM)
    assert rate_recent_calls() == 1
    assert UsageRecord.objects.in_force().get().exact_amount == 0


@pytest.mark.parametrize("disposition", [Disposition.WRONG_NUMBER, Disposition.SPAM])
def test_wrong_numbers_and_spam_cost_nothing(house: House, disposition: Disposition) -> None:
    record = priced(make_call(house, disposition=disposition))
    assert (record.is_zero_rated, record.exact_amount, record.billable_seconds, record.parts) == (
        True,
        Decimal(0),
        0,
        NOTHING,
    )


def test_a_call_nobody_answered_costs_nothing_and_is_recorded(house: House) -> None:
    change_tariff(house, wrap_up_seconds_billed_at_most=60)
    record = priced(make_call(house, ABANDONED))
    assert (record.is_zero_rated, record.exact_amount, record.billable_seconds, record.parts) == (
        False,
        Decimal(0),
        0,
        NOTHING,
    )


@pytest.mark.parametrize(
    ("choices", "seconds"),
    [
        ({}, 50),
        ({"bills_hold": True}, 70),
        ({"bills_transfer": True}, 80),
        ({"wrap_up_seconds_billed_at_most": 60}, 70),
        ({"wrap_up_seconds_billed_at_most": 15}, 65),
        ({"bills_hold": True, "bills_transfer": True, "wrap_up_seconds_billed_at_most": 60}, 120),
    ],
)
def test_hold_transfer_and_capped_wrap_up_are_billed_as_the_tariff_chooses(
    house: House, choices: dict[str, Any], seconds: int
) -> None:
    change_tariff(house, **choices)
    record = priced(make_call(house, HELD_AND_TRANSFERRED, wrap_up=20))
    assert record.billable_seconds == seconds
    assert record.exact_amount == Decimal("0.0150") * seconds


def test_each_call_is_priced_by_the_version_in_force_when_it_began(house: House) -> None:
    change = clock.now() - timedelta(hours=1)
    next_version(house, "1", valid_from=change)
    before = priced(make_call(house, at=change - timedelta(seconds=1)))
    after = priced(make_call(house, at=change + timedelta(seconds=1)))
    assert (before.exact_amount, after.exact_amount) == (Decimal("1.005"), Decimal(67))


def test_a_call_without_tariff_waits_and_is_found_when_one_appears_however_late(house: House) -> None:
    other = make_client("Bez tarifa", provider=house.client.provider)
    call = make_call(replace(house, client=other, line=make_line(other)), at=clock.now() - timedelta(days=30))
    Call.objects.filter(pk=call.pk).update(ledger_changed_at=call.closed_at)
    priced(make_call(house))
    assert rate_call(call.pk) is None
    assert rate_closed_calls() == 0
    make_tariff(other)
    assert rate_closed_calls() == 1
    assert UsageRecord.objects.filter(call=call).exists()


def test_a_tariff_that_begins_after_the_call_does_not_price_it(house: House) -> None:
    change_tariff(house, valid_from=clock.now())
    call = make_call(house)
    assert rate_call(call.pk) is None
    assert not unrated_calls().exists()


def test_a_tariff_that_makes_no_sense_does_not_keep_the_calls_of_others_waiting(house: House) -> None:
    other = make_client("Cits", provider=house.client.provider)
    sound = replace(house, client=other, line=make_line(other), tariff=make_tariff(other))
    good = make_call(sound)
    for _each in range(3):
        make_call(house)  # newer, therefore first in the sweep
    break_tariff(house)
    with capture_logs() as logs:
        assert rate_closed_calls() == 1
    assert UsageRecord.objects.get().call == good
    (summary,) = [entry for entry in logs if entry["log_level"] == "error"]
    assert (summary["client"], summary["calls"]) == (house.client.pk, 3)


def test_once_the_tariff_is_put_right_its_calls_are_priced(house: House) -> None:
    call = make_call(house)
    break_tariff(house)
    assert rate_closed_calls() == 0
    change_tariff(house, definition=house.tariff.definition)
    assert rate_closed_calls() == 1
    assert priced(call).exact_amount == Decimal("1.005")


def test_a_version_that_makes_no_sense_is_refused_where_it_is_entered(house: House) -> None:
    version = TariffVersion(tariff=Tariff.objects.get(), number=2, definition={"slots": "none"})
    with pytest.raises(ValidationError) as refused:
        version.clean()
    assert "definition" in refused.value.message_dict


def test_the_frequent_sweep_looks_at_what_has_changed_of_late_only(house: House) -> None:
    call = make_call(house)
    Call.objects.filter(pk=call.pk).update(ledger_changed_at=clock.now() - timedelta(hours=3))
    assert rate_recent_calls() == 0
    Call.objects.filter(pk=call.pk).update(ledger_changed_at=clock.now())
    assert rate_recent_calls() == 1


rates = st.decimals(min_value=0, max_value=10**6, places=12)


@settings(max_examples=150, deadline=None)
@given(
    rate=rates,
    fee=rates,
    unit=st.integers(1, 10**6),
    increment=st.integers(1, 3600),
    seconds=st.lists(st.integers(0, 86_400), min_size=1, max_size=4),
)
def test_a_stored_amount_is_the_exact_fraction_to_eighteen_places(
    rate: Decimal, fee: Decimal, unit: int, increment: int, seconds: list[int]
) -> None:
    step = {"from_s": 0, "rate": str(rate), "unit_s": unit, "increment_s": increment}
    slot = {"timing": {"start_time": "00:00:00"}, "connect_fee": str(fee), "rates": [step], "weight": 10}
    tariff = CallTariff.from_dict({"timezone": "Europe/Riga", "slots": [slot]})
    start = clock.now()
    intervals = [(start + timedelta(days=day), length) for day, length in enumerate(seconds)]
    whole = sum(-(-length // increment) * increment for length in seconds[:1])
    price = price_intervals(tariff, intervals)
    assert abs(Fraction(stored_amount(price)) - price.fraction) <= Fraction(1, 2 * 10**18)
    if len(seconds) == 1 and seconds[0]:
        assert price.fraction == Fraction(fee) + Fraction(rate) * whole / unit
