"""Workers, beat and broker as real processes: whatever of them dies, the row is the work."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from django.conf import settings
from django.db import connection, transaction

from answering.celery import app
from answering.lib import clock
from answering.outbox.models import Delivery, DeliveryState
from answering.outbox.services import queue_email
from answering.runtime.addresses import broker_url
from billing.models import UsageRecord
from billing.services import rate_call
from calls.models import Call
from inquiries.models import Inquiry
from tests.billing.stories import make_call
from tests.cast import House
from tests.inquiries.stories import lose_a_call
from tests.outbox.post_office import PostOffice
from tests.runtime.celery_processes import PATIENCE, PROJECT, Background, pulses
from tests.servers import dedicated_valkey
from tests.waiting import wait_until

SCHEDULE: dict[str, dict[str, Any]] = settings.CELERY_BEAT_SCHEDULE
APPS = ("answering", "billing", "calls", "clients", "inquiries")


@pytest.fixture
def background(live_house: House, tmp_path: Path) -> Iterator[Background]:
    with (
        PostOffice().open() as office,
        dedicated_valkey(tmp_path) as broker,
        Background(broker, office, tmp_path).running() as processes,
    ):
        yield processes


def send(background: Background, task: str, *arguments: int) -> None:
    """Hand a task to the test's own broker."""
    with Celery("sender", broker=broker_url(background.broker.url), set_as_current=False) as sender:
        sender.conf.update(broker_transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS)
        sender.send_task(task, arguments)


def somebody_waits_for_the_call() -> bool:
    """Whether a worker is in the middle of pricing: it waits for the lock that this test holds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # the view stands still within a transaction
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def hold(call: Call) -> None:
    """Lock the call until the transaction ends."""
    Call.objects.select_for_update().get(pk=call.pk)


# -- what the settings promise ---------------------------------------------------------------


def test_a_task_outlives_its_worker_by_the_settings_of_the_design() -> None:
    assert (app.conf.task_acks_late, app.conf.task_reject_on_worker_lost) == (True, True)
    assert app.conf.worker_prefetch_multiplier == 1
    assert app.conf.task_ignore_result
    assert app.conf.task_time_limit <= app.conf.broker_transport_options["visibility_timeout"]
    assert app.conf.broker_url == broker_url(settings.REDIS_URL)


def test_every_beat_names_a_task_that_exists_and_expires_before_it_piles_up() -> None:
    app.loader.import_default_modules()
    for name, entry in SCHEDULE.items():
        assert entry["task"] in app.tasks, name
        assert 0 < entry["options"]["expires"] <= max(entry["schedule"], 10), name


def test_every_sweep_is_on_the_beat() -> None:
    app.loader.import_default_modules()
    ours = {name for name in app.tasks if name.split(".")[0] in APPS}
    scheduled = {entry["task"] for entry in SCHEDULE.values()}
    assert ours - scheduled == {"billing.tasks.rate_call"}  # a nudge: its sweep is rate_closed_calls


def test_no_task_is_given_to_the_broker_to_keep_for_later() -> None:
    for path in (path for name in APPS for path in (PROJECT / name).rglob("*.py")):
        calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        named = {keyword.arg for call in calls for keyword in call.keywords}
        assert not named & {"eta", "countdown"}, path


# -- what happens when something dies --------------------------------------------------------


def test_a_worker_killed_in_the_middle_of_pricing_leaves_one_record_after_the_sweep(
    background: Background, live_house: House
) -> None:
    call = make_call(live_house)
    worker = background.worker()
    with transaction.atomic():
        hold(call)
        send(background, "billing.tasks.rate_call", call.pk)
        wait_until(somebody_waits_for_the_call, PATIENCE)
        worker.kill()
    assert not UsageRecord.objects.exists()
    background.worker()
    send(background, "billing.tasks.rate_closed_calls")
    wait_until(UsageRecord.objects.exists, PATIENCE)
    first = rate_call(call.pk)  # the task of the dead worker, redelivered
    assert [first] == list(UsageRecord.objects.all())


def test_a_task_whose_process_is_killed_is_given_to_another_without_any_sweep(
    background: Background, live_house: House
) -> None:
    call = make_call(live_house)
    worker = background.worker()
    with transaction.atomic():
        hold(call)
        send(background, "billing.tasks.rate_call", call.pk)
        wait_until(somebody_waits_for_the_call, PATIENCE)
        worker.kill_children()
    wait_until(UsageRecord.objects.exists, PATIENCE)
    assert UsageRecord.objects.get().call == call


def test_what_happened_while_the_broker_was_away_is_done_once_it_is_back(
    background: Background, live_house: House
) -> None:
    background.worker()
    background.beat()
    wait_until(lambda: pulses() >= {"worker", "beat"}, PATIENCE)
    background.broker.kill()
    priced = make_call(live_house)
    lost = lose_a_call(live_house)
    Inquiry.objects.all().delete()  # as if the process had died before its receivers ran
    letter = queue_email(
        cause=f"test:{clock.uuid7()}", recipient="liga@example.test", subject="Ziņa", body="", language="lv"
    )
    background.broker.start()

    def done() -> bool:
        return all(
            (
                UsageRecord.objects.filter(call=priced).exists(),
                Inquiry.objects.filter(call=lost).exists(),
                Delivery.objects.filter(pk=letter.pk, state=DeliveryState.SENT).exists(),
            )
        )

    wait_until(done, PATIENCE)
    assert counts() == {"records": 2, "requests": 1, "letters": 1}


def counts() -> dict[str, Any]:
    return {
        "records": UsageRecord.objects.count(),
        "requests": Inquiry.objects.count(),
        "letters": Delivery.objects.filter(state=DeliveryState.SENT).count(),
    }
