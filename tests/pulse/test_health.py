import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from answering.pulse import bounded, health, metrics
from answering.pulse.bounded import CheckFailed, run_bounded
from answering.pulse.models import ServicePulse
from answering.pulse.services import beat_pulse
from tests.waiting import wait_until

pytestmark = pytest.mark.urls("answering.pulse.urls")

NOBODY = "redis://127.0.0.1:1/0"


def everybody_pulses() -> None:
    for name in ("web", "worker", "beat", "dispatcher"):
        beat_pulse(name)


def broken() -> dict[str, timedelta]:
    raise RuntimeError("a secret detail")


def test_liveness_asks_nothing_of_anybody(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = NOBODY
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db(transaction=True)
def test_ready_when_every_part_is_there(client: Client) -> None:
    everybody_pulses()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    assert found["ready"] is True
    assert {name: part["ok"] for name, part in found["parts"].items()} == {
        "database": True,
        "broker": True,
        "worker": True,
        "beat": True,
        "dispatcher": True,
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["worker", "beat", "dispatcher"])
def test_not_ready_when_a_part_has_fallen_silent(client: Client, name: str) -> None:
    everybody_pulses()
    ServicePulse.objects.filter(name=name).update(pulsed_at=F("pulsed_at") - timedelta(minutes=2))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    silent = [part for part, finding in answer.json()["parts"].items() if not finding["ok"]]
    assert silent == [name]


@pytest.mark.django_db(transaction=True)
def test_not_ready_when_a_part_was_never_there(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["dispatcher"] == {"ok": False, "detail": "has never been seen"}


@pytest.mark.django_db(transaction=True)
def test_not_ready_without_the_broker(client: Client, settings: Settings) -> None:
    everybody_pulses()
    settings.REDIS_URL = NOBODY
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["broker"] == {"ok": False, "detail": "ConnectionError"}


@pytest.mark.django_db(transaction=True)
def test_not_ready_without_the_database_and_no_detail_leaks(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "pulse_ages", broken)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["database"] == {"ok": False, "detail": "RuntimeError"}
    assert b"secret" not in answer.content


def test_a_check_that_hangs_is_left_behind_and_only_so_many_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "_slots", threading.BoundedSemaphore(1))
    release = threading.Event()
    with pytest.raises(CheckFailed, match="no answer"):
        run_bounded(lambda: release.wait(10), timeout=0.01)
    with pytest.raises(CheckFailed, match="too many"):
        run_bounded(lambda: True, timeout=10)
    release.set()
    wait_until(bounded._slots.acquire)
    bounded._slots.release()
    assert run_bounded(lambda: "fine", timeout=10) == "fine"


@pytest.mark.django_db(transaction=True)
def test_metrics_tell_the_ages_of_the_pulses(client: Client) -> None:
    beat_pulse("dispatcher")
    answer = client.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    families = {family.name: family for family in text_string_to_metric_families(answer.content.decode())}
    assert families["alio_pulses_readable"].samples[0].value == 1
    assert [sample.labels for sample in families["alio_pulse_age_seconds"].samples] == [{"service": "dispatcher"}]
    assert "python_info" in families


@pytest.mark.django_db(transaction=True)
def test_metrics_are_given_without_the_database_too(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "pulse_ages", broken)
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert b"alio_pulses_readable 0.0" in answer.content


def test_metrics_of_several_processes_come_from_their_directory(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    monkeypatch.setattr(metrics, "pulse_ages", dict)
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert b"python_info" not in answer.content
    assert b"alio_pulses_readable 1.0" in answer.content


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_health_is_only_read(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
