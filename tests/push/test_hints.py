import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import Settings
from redis import Redis
from redis.client import PubSub
from structlog.testing import capture_logs

from answering.push import hints
from answering.push.channels import redis_channel
from answering.push.publisher import Publisher
from tests.servers import dedicated_valkey
from tests.waiting import wait_until

NOBODY = "redis://127.0.0.1:1/0"


@contextmanager
def listening(channel: str, redis_url: str) -> Iterator[PubSub]:
    with Redis.from_url(redis_url) as redis, redis.pubsub() as pubsub:
        pubsub.subscribe(redis_channel(channel, redis_url))
        assert next_message(pubsub, "subscribe")
        yield pubsub


def next_message(pubsub: PubSub, kind: str = "message") -> object:
    message = wait_until(lambda: pubsub.get_message(timeout=0.1))
    assert message["type"] == kind
    return message["data"]


def next_hint(pubsub: PubSub) -> object:
    data = next_message(pubsub)
    assert isinstance(data, bytes)
    return json.loads(data)


def test_a_hint_reaches_who_listens_with_its_kind_and_ids() -> None:
    with listening("agent:1", os.environ["REDIS_URL"]) as pubsub:
        hints.hint("agent:1", "offer", call="0192f0c1", generation=3)
        assert next_hint(pubsub) == {"kind": "offer", "call": "0192f0c1", "generation": 3}


@pytest.mark.django_db(transaction=True)
def test_a_hint_on_commit_waits_for_the_commit_and_a_rollback_drops_it() -> None:
    with listening("desk", os.environ["REDIS_URL"]) as pubsub:
        with transaction.atomic():
            hints.hint_on_commit("desk", "rolled-back")
            transaction.set_rollback(True)
        with transaction.atomic():
            hints.hint_on_commit("desk", "committed")
            hints.hint("desk", "meanwhile")
            assert next_hint(pubsub) == {"kind": "meanwhile"}
        assert next_hint(pubsub) == {"kind": "committed"}


def test_without_redis_hints_are_dropped_and_nobody_is_bothered(settings: Settings) -> None:
    settings.REDIS_URL = NOBODY
    with capture_logs() as logs:
        for number in range(1000):
            hints.hint("desk", "lost", number=number)
            if number % 100 == 0:
                assert hints.flush(10)
        assert hints.flush(10)
    assert [entry["event"] for entry in logs] == ["hints_outage"]


def test_a_hint_is_queued_while_redis_accepts_and_never_answers() -> None:
    publisher = Publisher(NOBODY)
    stuck, release = threading.Event(), threading.Event()

    def hang(batch: object) -> None:
        stuck.set()
        release.wait(10)

    publisher.send = hang  # type: ignore[method-assign]
    publisher.put("desk", "first")
    assert stuck.wait(10)
    for number in range(100):
        publisher.put("desk", str(number))
    assert not publisher.flush(0.01)
    release.set()
    assert publisher.flush(10)


def test_a_full_queue_drops_its_oldest_hints() -> None:
    publisher = Publisher(NOBODY, limit=3)
    sent: list[str] = []
    stuck, release = threading.Event(), threading.Event()

    def hang_once(batch: list[tuple[str, str]]) -> None:
        stuck.set()
        release.wait(10)
        sent.extend(message for _, message in batch)

    publisher.send = hang_once  # type: ignore[method-assign]
    publisher.put("desk", "first")
    assert stuck.wait(10)
    for number in range(10):
        publisher.put("desk", str(number))
    release.set()
    assert publisher.flush(10)
    assert sent == ["first", "7", "8", "9"]
    assert publisher.dropped == 7


def test_an_outage_is_logged_once_and_so_is_the_recovery(tmp_path: Path) -> None:
    with dedicated_valkey(tmp_path) as valkey, capture_logs() as logs:
        publisher = Publisher(valkey.url)

        def send(message: str) -> None:
            publisher.put(redis_channel("desk", valkey.url), message)
            assert publisher.flush(10)

        send("before")
        valkey.kill()
        send("lost")
        send("lost too")
        assert publisher.dropped == 2
        valkey.start()
        with listening("desk", valkey.url) as pubsub:
            send("after")
            assert next_message(pubsub) == b"after"
    assert [entry["event"] for entry in logs] == ["hints_outage", "hints_recovered"]


def test_a_restart_of_redis_between_two_hints_loses_none(tmp_path: Path) -> None:
    with dedicated_valkey(tmp_path) as valkey:
        publisher = Publisher(valkey.url)
        publisher.put("x", "warm")
        assert publisher.flush(10)
        valkey.kill()
        valkey.start()
        with listening("desk", valkey.url) as pubsub:
            publisher.put(redis_channel("desk", valkey.url), "after")
            assert next_message(pubsub) == b"after"
        assert publisher.dropped == 0


def test_a_short_program_sends_its_hint_before_it_ends() -> None:
    with listening("desk", os.environ["REDIS_URL"]) as pubsub:
        program = "from answering.push.hints import hint; hint('desk', 'last')"
        subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
        assert next_hint(pubsub) == {"kind": "last"}


def test_a_forked_child_sends_its_own_hints_and_not_its_parents() -> None:
    program = """
import os
from answering.push.hints import _publishers, hint
from answering.push.publisher import Publisher
hint("desk", "parent")
child = os.fork()
if child == 0:
    assert not _publishers
    hint("desk", "child")
    from answering.push.hints import flush
    os._exit(0 if flush(10) else 1)
assert os.waitpid(child, 0)[1] == 0
"""
    with listening("desk", os.environ["REDIS_URL"]) as pubsub:
        subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True, timeout=60)
        heard = [next_hint(pubsub), next_hint(pubsub)]
        assert sorted(str(message) for message in heard) == ["{'kind': 'child'}", "{'kind': 'parent'}"]
