"""System checks and the maintenance hatch."""

import pytest
from django.test import Client as Browser
from django.urls import reverse

from answering.accounts.models import User
from calls.checks import check_carriers, check_live_calls
from tests.calls.acts import dial
from tests.calls.spy import SpyCarrier
from tests.cast import PASSWORD, House, ring


def test_the_carriers_are_complete() -> None:
    assert check_carriers(None) == []


def test_a_carrier_without_an_order_is_found(spy: SpyCarrier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(SpyCarrier, "hang_up_agent")
    (error,) = check_carriers(None)
    assert error.id == "calls.E001"
    assert "'hang_up_agent'" in error.msg


def test_live_calls_on_a_dropped_carrier_are_found(house: House) -> None:
    ring(house.line)
    assert check_live_calls(None, databases=["default"]) == []
    dial(house.line, carrier="dropped")
    assert [each.id for each in check_live_calls(None, databases=["default"])] == ["calls.W001"]
    assert check_live_calls(None) == []


def test_the_hatch_shows_a_call_and_lets_nobody_write_it(house: House, client: Browser) -> None:
    call = ring(house.line)
    User.objects.create_superuser("root@example.test", PASSWORD, full_name="Root")
    client.force_login(User.objects.get(email="root@example.test"))
    for name in ("call", "callevent", "calloffer", "caller"):
        assert client.get(reverse(f"admin:calls_{name}_changelist")).status_code == 200
    page = reverse("admin:calls_call_change", args=[call.pk])
    assert client.get(page).status_code == 200
    assert client.post(page, {"state": "closed"}).status_code == 403
    event = call.events.first()
    assert event is not None
    assert client.post(reverse("admin:calls_callevent_delete", args=[event.pk]), {"post": "yes"}).status_code == 403
    assert client.get(reverse("admin:calls_callevent_add")).status_code == 403
    assert call.events.count() == 2
