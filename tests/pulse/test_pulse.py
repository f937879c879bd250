from datetime import datetime, timedelta

import pytest
from celery.signals import beat_init, before_task_publish
from django.db import OperationalError
from django.db.models import F
from django.db.models.functions import Now
from structlog.testing import capture_logs

from answering.pulse import thread as pulse_thread
from answering.pulse.models import ServicePulse
from answering.pulse.services import PULSE_GAP, beat_pulse, is_fresh, last_outage_end, pulse_ages
from answering.pulse.tasks import pulse_worker
from answering.pulse.thread import start_pulse
from tests.waiting import wait_until


def age(name: str, by: timedelta) -> None:
    """As if the last pulse had come that much earlier."""
    ServicePulse.objects.filter(name=name).update(
        pulsed_at=F("pulsed_at") - by, started_at=F("started_at") - by, resumed_at=F("resumed_at") - by
    )


@pytest.mark.django_db
def test_the_first_pulse_is_no_return_from_an_outage() -> None:
    assert last_outage_end("web") is None
    beat_pulse("web")
    pulse = ServicePulse.objects.get()
    assert (pulse.name, pulse.resumed_at) == ("web", None)
    assert pulse.started_at == pulse.pulsed_at
    assert last_outage_end("web") is None


@pytest.mark.django_db(transaction=True)
def test_pulses_without_a_gap_are_one_run() -> None:
    beat_pulse("web")
    age("web", PULSE_GAP - timedelta(seconds=2))
    before = ServicePulse.objects.get()
    beat_pulse("web")
    after = ServicePulse.objects.get()
    assert after.pulsed_at > before.pulsed_at
    assert (after.started_at, after.resumed_at) == (before.started_at, None)


@pytest.mark.django_db(transaction=True)
def test_a_pulse_after_a_gap_says_when_the_service_came_back() -> None:
    beat_pulse("web")
    age("web", timedelta(seconds=20))
    beat_pulse("web")
    pulse = ServicePulse.objects.get()
    assert pulse.resumed_at == pulse.started_at == pulse.pulsed_at
    resumed_at = pulse.resumed_at
    beat_pulse("web")
    assert last_outage_end("web") == resumed_at


@pytest.mark.django_db(transaction=True)
def test_the_last_outage_of_several_parts_is_the_latest() -> None:
    ends: dict[str, datetime | None] = {}
    for name in ("dispatcher", "web"):
        beat_pulse(name)
        age(name, timedelta(seconds=20))
        beat_pulse(name)
        ends[name] = last_outage_end(name)
    assert last_outage_end("web", "dispatcher", "never-seen") == ends["web"]
    assert last_outage_end("dispatcher") == ends["dispatcher"]


@pytest.mark.django_db(transaction=True)
def test_an_outage_that_still_goes_on_counts_as_ending_now() -> None:
    beat_pulse("web")
    beat_pulse("dispatcher")
    age("web", timedelta(hours=1))
    pulsed_at = ServicePulse.objects.get(name="dispatcher").pulsed_at
    end = last_outage_end("web", "dispatcher")
    assert end is not None
    assert end > pulsed_at


@pytest.mark.django_db(transaction=True)
def test_a_late_writer_does_not_turn_the_clock_back() -> None:
    beat_pulse("web")
    ServicePulse.objects.update(pulsed_at=Now() + timedelta(hours=1))
    ahead = ServicePulse.objects.get().pulsed_at
    beat_pulse("web")
    assert ServicePulse.objects.get().pulsed_at == ahead


@pytest.mark.django_db
def test_freshness_is_measured_by_the_clock_of_the_database() -> None:
    assert not is_fresh("web", timedelta(seconds=10))
    beat_pulse("web")
    assert is_fresh("web", timedelta(seconds=10))
    age("web", timedelta(seconds=10))
    assert not is_fresh("web", timedelta(seconds=10))
    assert pulse_ages()["web"] >= timedelta(seconds=10)


@pytest.mark.django_db
def test_the_workers_task_pulses_and_forgives_a_long_queue() -> None:
    pulse_worker()
    age("worker", timedelta(seconds=30))
    pulse_worker()
    assert ServicePulse.objects.get(name="worker").resumed_at is None


@pytest.mark.django_db(transaction=True)
def test_beat_pulses_whenever_it_sends_the_workers_pulse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(before_task_publish, "receivers", [])
    beat_init.send(sender=None)
    before_task_publish.send(sender="another.task")
    assert not is_fresh("beat", timedelta(hours=1))
    before_task_publish.send(sender=pulse_worker.name)
    assert is_fresh("beat", timedelta(hours=1))


@pytest.mark.django_db(transaction=True)
def test_a_thread_keeps_the_pulse_of_a_process_until_it_is_stopped() -> None:
    thread = start_pulse("web", every=timedelta(milliseconds=20))
    try:
        assert start_pulse("web") is thread
        wait_until(lambda: ServicePulse.objects.filter(pulsed_at__gt=F("started_at")).exists())
    finally:
        thread.stop()
    assert not thread.is_alive()
    assert start_pulse("web", every=timedelta(milliseconds=20)) is not thread
    start_pulse("web").stop()


@pytest.mark.django_db(transaction=True)
def test_a_thread_outlives_an_outage_of_the_database_and_says_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    failures = 0

    def fail_twice(name: str) -> None:
        nonlocal failures
        if failures < 2:
            failures += 1
            raise OperationalError("the server closed the connection")
        beat_pulse(name)

    monkeypatch.setattr(pulse_thread, "beat_pulse", fail_twice)
    with capture_logs() as logs:
        thread = start_pulse("web", every=timedelta(milliseconds=20))
        try:
            wait_until(lambda: is_fresh("web", timedelta(hours=1)))
        finally:
            thread.stop()
    assert [entry["event"] for entry in logs] == ["pulse_outage", "pulse_recovered"]
