import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery, Task
from django.conf import settings
from redis import Redis
from structlog.testing import capture_logs

from answering.push import nudge as nudging
from answering.push.nudge import Messenger
from answering.runtime.addresses import broker_url
from answering.runtime.valkey import ValkeyServer
from tests.servers import dedicated_valkey
from tests.waiting import wait_until

SHOW_BROKER = """
import django; django.setup()
from billing.tasks import rate_call
print(rate_call.app.conf.broker_url)
"""


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[ValkeyServer]:
    with dedicated_valkey(tmp_path) as server:
        yield server


def make_task(broker_address: str) -> "Task[..., None]":
    app = Celery("probe", set_as_current=False)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    app.conf.update(broker_url=broker_url(broker_address))

    @app.task(name="probe")
    def probe(number: int) -> None:
        """Never runs: nobody works for this broker."""

    return probe


def queued(server: ValkeyServer) -> int:
    with Redis.from_url(server.url) as redis:
        return sum(int(str(redis.llen(key))) for key in ("celery", "alio:celery"))


def test_every_django_process_nudges_the_broker_of_the_settings() -> None:
    environ = os.environ | {"DJANGO_SETTINGS_MODULE": "answering.settings"}
    shown = subprocess.run([sys.executable, "-c", SHOW_BROKER], env=environ, check=True, capture_output=True, text=True)
    assert shown.stdout.strip() == broker_url(settings.REDIS_URL)


def test_a_nudge_reaches_the_queue_also_after_a_restart_of_the_broker(broker: ValkeyServer) -> None:
    task, messenger = make_task(broker.url), Messenger()
    messenger.add((task, (1,)))
    assert messenger.flush(20)
    assert queued(broker) == 1
    broker.kill()
    broker.start()
    messenger.add((task, (2,)))
    assert messenger.flush(20)
    assert queued(broker) == 1  # the first went with the server


def test_a_broker_that_hangs_costs_the_one_who_nudges_nothing(broker: ValkeyServer) -> None:
    task, messenger = make_task(broker.url), Messenger()
    pid = broker.running_pid()
    assert pid
    os.kill(pid, signal.SIGSTOP)
    try:
        messenger.add((task, (1,)))
        assert not messenger.flush(0)
    finally:
        os.kill(pid, signal.SIGCONT)
    assert messenger.flush(20)
    assert wait_until(lambda: queued(broker)) == 1


def test_a_dead_broker_is_logged_once_and_the_nudges_are_dropped() -> None:
    task, messenger = make_task("redis://127.0.0.1:1/0"), Messenger()
    with capture_logs() as logs:
        for number in range(2):
            messenger.add((task, (number,)))
        assert messenger.flush(30)
    assert [entry["event"] for entry in logs] == ["nudge.broker_away"]


def test_a_nudge_that_waits_twice_is_sent_once_and_a_full_queue_drops_the_oldest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    messenger = Messenger(limit=3)
    monkeypatch.setattr(messenger, "_start", lambda: None)
    task = make_task("redis://127.0.0.1:1/0")
    for number in (1, 2, 2, 3):
        messenger.add((task, (number,)))
    assert [ids for _task, ids in messenger._take()] == [(2,), (3,)]
    assert not messenger._queue


def test_a_forked_child_sends_none_of_its_parents_nudges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nudging._messenger, "_start", lambda: None)
    nudging.nudge(make_task("redis://127.0.0.1:1/0"), 1)
    child = os.fork()
    if child == 0:
        os._exit(len(nudging._messenger._queue))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    nudging._messenger._queue.clear()
