import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import dj_database_url
import kombu
import pytest
import redis

from answering.runtime.addresses import (
    SOCKET_PATH_LIMIT,
    Places,
    broker_url,
    database_url,
    development_secret,
    postgres_socket,
    redis_url,
)
from answering.runtime.valkey import ValkeyServer

ODD = Places(Path("/srv/Ģimene & draugi/100% Alio"))


def test_django_finds_the_socket_of_a_checkout_with_an_odd_name() -> None:
    parsed = dj_database_url.parse(database_url(ODD))
    assert parsed["HOST"] == "/srv/Ģimene & draugi/100% Alio/var/run/pg"
    assert (parsed["NAME"], parsed["USER"], parsed["PORT"]) == ("alio", "alio", 5432)


def test_redis_and_celery_find_the_socket_of_a_checkout_with_an_odd_name(empty_places: Places, tmp_path: Path) -> None:
    odd = Places(empty_places.checkout / "Ģ & 100% Alio")
    odd.run.mkdir(parents=True)
    server = ValkeyServer(odd.valkey_socket, odd.valkey_data, tmp_path / "valkey.log", ends_with_us=True)
    server.start()
    try:
        redis.Redis.from_url(redis_url(odd).replace("db=0", "db=3")).set("greeting", "alio")
        broker = kombu.Connection(broker_url(redis_url(odd).replace("db=0", "db=3")))
        client: redis.Redis = broker.default_channel.client  # type: ignore[attr-defined]
        assert client.get("greeting") == b"alio"
        broker.close()
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("redis://cache:6379/2", "redis://cache:6379/2"),
        ("rediss://:word@cache/1", "rediss://:word@cache/1"),
        ("unix:///run/redis.sock?db=4", "redis+socket:///run/redis.sock?virtual_host=4"),
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock?virtual_host=0"),
        ("unix://:word@/run/redis.sock?db=1", "redis+socket://:word@/run/redis.sock?virtual_host=1"),
    ],
)
def test_the_broker_is_spelled_as_celery_wants_it(given: str, expected: str) -> None:
    assert broker_url(given) == expected


def test_two_checkouts_have_different_addresses() -> None:
    first, second = Places(Path("/srv/one")), Places(Path("/srv/two"))
    assert database_url(first) != database_url(second)
    assert redis_url(first) != redis_url(second)


def test_a_path_too_long_for_a_socket_gets_a_short_one_of_its_own() -> None:
    first, second = (Places(Path(f"/srv/{'deep/' * 30}{name}")) for name in ("one", "two"))
    assert len(os.fsencode(postgres_socket(first.postgres_sockets))) <= SOCKET_PATH_LIMIT
    assert first.sockets != second.sockets
    assert first.sockets == Places(first.checkout).sockets


def test_the_development_secret_is_made_once_for_many_at_a_time(empty_places: Places) -> None:
    together = Barrier(8)

    def ask(number: int) -> str:
        together.wait()
        return development_secret(empty_places)

    with ThreadPoolExecutor(8) as threads:
        secrets = set(threads.map(ask, range(8)))
    assert len(secrets) == 1
    assert len(secrets.pop()) >= 64
    assert stat.S_IMODE((empty_places.var / "secret-key").stat().st_mode) == 0o600
    assert [path.name for path in empty_places.var.iterdir()] == ["secret-key"]
