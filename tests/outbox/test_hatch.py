import pytest
from django.conf import settings as current
from django.core.checks import run_checks
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import Settings

from answering.accounts.models import User
from answering.outbox.models import Delivery, DeliveryState
from answering.outbox.services import LEASE, queue_email


@pytest.fixture
def administrator(db: None) -> Browser:
    browser = Browser()
    browser.force_login(User.objects.create_superuser("root@example.test", "a long enough password", full_name="Root"))
    return browser


@pytest.fixture
def dead(db: None) -> Delivery:
    delivery = queue_email(cause="test", recipient="liga@example.test", subject="Ziņa", body="", language="lv")
    Delivery.objects.update(state=DeliveryState.DEAD, last_error="550 no such user")
    return delivery


def test_a_dead_delivery_shows_in_the_list_with_its_reason(administrator: Browser, dead: Delivery) -> None:
    page = administrator.get(reverse("admin:outbox_delivery_changelist"), {"state__exact": "dead"})
    assert "550 no such user" in page.content.decode()


def test_nobody_writes_or_deletes_a_delivery_by_hand(administrator: Browser, dead: Delivery) -> None:
    assert administrator.get(reverse("admin:outbox_delivery_add")).status_code == 403
    assert administrator.post(reverse("admin:outbox_delivery_delete", args=[dead.pk])).status_code == 403
    assert administrator.post(reverse("admin:outbox_delivery_change", args=[dead.pk]), {}).status_code == 403


def test_an_administrator_sends_a_dead_delivery_again(administrator: Browser, dead: Delivery) -> None:
    answer = administrator.post(
        reverse("admin:outbox_delivery_changelist"),
        {"action": "send_again", "_selected_action": [dead.pk]},
        follow=True,
    )
    assert "1 delivery is due again." in answer.content.decode()
    dead.refresh_from_db()
    assert dead.state == DeliveryState.DUE


@pytest.mark.parametrize("limit", [None, 30, LEASE.total_seconds()])
def test_a_task_time_limit_that_outlives_the_lease_is_an_error(settings: Settings, limit: float | None) -> None:
    assert not run_checks(tags=["outbox"])
    assert current.CELERY_TASK_TIME_LIMIT
    settings.CELERY_TASK_TIME_LIMIT = limit
    assert [error.id for error in run_checks(tags=["outbox"])] == ["outbox.E001"]
