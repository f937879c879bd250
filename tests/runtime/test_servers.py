import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import redis

from answering.runtime import programs, servers
from answering.runtime.addresses import CHECKOUT, Places, database_url, redis_url
from answering.runtime.errors import StartError
from answering.runtime.postgres import PostgresServer
from answering.runtime.processes import all_pids, is_alive, working_directory
from answering.runtime.servers import own_servers, running_servers
from answering.runtime.valkey import ValkeyServer
from tests.servers import copy_made_database, dedicated_postgres, dedicated_valkey, private_directory


def connect(places: Places) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(database_url(places), autocommit=True)


def pids(places: Places) -> list[int | None]:
    return [server.running_pid() for server in own_servers(places, {})]


@contextmanager
def another_user(places: Places) -> Iterator["subprocess.Popen[str]"]:
    """Another process that uses the servers, killed at the latest at the end."""
    command = [sys.executable, "-m", "tests.runtime.hold_servers", str(places.checkout)]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "running\n"
        try:
            yield process
        finally:
            process.kill()


def test_servers_run_while_they_are_used_and_no_longer(empty_places: Places) -> None:
    with running_servers(empty_places, {}):
        with connect(empty_places) as connection:
            assert connection.execute("SELECT current_user, current_setting('fsync')").fetchone() == ("alio", "on")
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
            assert connection.execute("SELECT datcollate FROM pg_database WHERE datname = 'alio'").fetchone() in (
                ("C",),
                ("C.UTF-8",),
            )
        assert redis.Redis.from_url(redis_url(empty_places)).config_get("port") == {"port": "0"}
    assert pids(empty_places) == [None, None]


def test_the_role_is_no_superuser_but_may_make_test_databases(places: Places) -> None:
    with running_servers(places, {}), connect(places) as connection:
        query = "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        assert connection.execute(query).fetchone() == (False, True)


def test_an_address_in_the_environment_wins(empty_places: Places) -> None:
    given = {"DATABASE_URL": "postgresql://db.example/alio", "REDIS_URL": "redis://cache.example"}
    assert own_servers(empty_places, given) == []
    assert [type(server) for server in own_servers(empty_places, given | {"REDIS_URL": ""})] == [ValkeyServer]
    assert len(own_servers(empty_places, {"DATABASE_URL": database_url(empty_places)})) == 2


def test_whoever_leaves_last_stops_the_servers(places: Places) -> None:
    with another_user(places) as other:
        before = pids(places)
        with running_servers(places, {}):
            assert pids(places) == before
        assert pids(places) == before
        other.terminate()
        other.wait()
    with running_servers(places, {}):
        assert None not in pids(places)
    assert pids(places) == [None, None]


def test_servers_that_outlived_their_owner_are_adopted(places: Places) -> None:
    with another_user(places) as owner:
        before = pids(places)
        owner.kill()
        owner.wait()
    assert pids(places) == before
    with running_servers(places, {}):
        assert pids(places) == before
    assert pids(places) == [None, None]


def test_nothing_committed_is_lost_when_everything_is_killed(places: Places) -> None:
    with another_user(places) as owner:
        with connect(places) as connection:
            connection.execute("CREATE TABLE promise (id int)")
            connection.execute("INSERT INTO promise VALUES (7)")
        owner.kill()
        for server in own_servers(places, {}):
            server.kill()
    with stranger(places) as number, running_servers(places, {}):
        assert is_alive(number)
        with connect(places) as connection:
            assert connection.execute("SELECT id FROM promise").fetchall() == [(7,)]


@contextmanager
def stranger(places: Places) -> Iterator[int]:
    """The worst that can be found after a crash: the number in the pid file is another program's now."""
    user = None if os.geteuid() else places.postgres_data.stat().st_uid
    with subprocess.Popen(["sleep", "600"], user=user) as process:  # noqa: S607
        pid_file = places.postgres_data / "postmaster.pid"
        pid_file.write_text("\n".join([str(process.pid), *pid_file.read_text().splitlines()[1:]]) + "\n")
        try:
            yield process.pid
        finally:
            process.kill()


def test_backends_of_a_killed_server_are_gone_before_the_next_starts(places: Places) -> None:
    with another_user(places):
        connection = connect(places)
        busy = connection.info.backend_pid
        connection.pgconn.send_query(b"DO $$ BEGIN LOOP NULL; END LOOP; END $$")  # too busy to notice the death
        own_servers(places, {})[0].kill()
        connection.close()
    assert is_alive(busy)
    with running_servers(places, {}):
        assert not is_alive(busy)


def test_a_database_half_made_is_made_anew(empty_places: Places) -> None:
    draft = empty_places.postgres_data.with_name("postgres.new")
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    with running_servers(empty_places, {}), connect(empty_places) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not draft.exists()


def test_two_checkouts_run_side_by_side(places: Places) -> None:
    with private_directory() as directory:
        other = Places(directory.resolve())
        other.var.mkdir()
        copy_made_database(other.postgres_data)
        with running_servers(places, {}), running_servers(other, {}):
            redis.Redis.from_url(redis_url(places)).set("mine", 1)
            assert redis.Redis.from_url(redis_url(other)).get("mine") is None
            with connect(places) as here, connect(other) as there:
                here.execute("CREATE TABLE mine (id int)")
                assert there.execute("SELECT to_regclass('mine')").fetchone() == (None,)
        assert pids(places) == pids(other) == [None, None]


def test_a_path_too_long_for_a_socket_works(empty_places: Places) -> None:
    deep = Places(empty_places.checkout / ("deep" * 20) / ("er" * 20))
    deep.var.mkdir(parents=True)
    copy_made_database(deep.postgres_data)
    with running_servers(deep, {}), connect(deep) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        assert redis.Redis.from_url(redis_url(deep)).ping()
    assert deep.sockets.parent == Path("/tmp")  # noqa: S108
    deep.postgres_sockets.rmdir()
    deep.sockets.rmdir()


def test_a_socket_directory_that_others_could_write_to_is_refused(empty_places: Places) -> None:
    deep = Places(empty_places.checkout / ("deep" * 20) / ("er" * 20))
    deep.checkout.mkdir(parents=True)
    deep.sockets.mkdir()
    deep.sockets.chmod(0o777)
    try:
        with pytest.raises(StartError, match="open to others"), running_servers(deep, {}):
            pass
    finally:
        deep.sockets.rmdir()


def test_a_machine_without_the_programs_is_told_what_to_install(
    empty_places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "_postgres_directories", lambda: iter(()))
    with pytest.raises(StartError, match=r"apt-get install postgresql.* DATABASE_URL"):
        programs.postgres_programs(empty_places.postgres_data)
    monkeypatch.setattr(programs, "_valkey_wheel", lambda: None)
    monkeypatch.setenv("PATH", str(empty_places.checkout))
    with pytest.raises(StartError, match=r"apt-get install redis-server.* REDIS_URL"):
        programs.valkey_program()


def test_data_of_another_version_are_left_alone(empty_places: Places) -> None:
    empty_places.postgres_data.mkdir(parents=True)
    (empty_places.postgres_data / "PG_VERSION").write_text("11\n")
    with pytest.raises(StartError, match="was made by PostgreSQL 11"):
        programs.postgres_programs(empty_places.postgres_data)


def test_a_server_that_cannot_start_says_why(places: Places) -> None:
    server = PostgresServer(
        places.postgres_data, places.postgres_sockets, places.log / "postgres.log", settings={"max_connections": "no"}
    )
    with pytest.raises(StartError, match=r"did not start[^\n]*postgres\.log[\s\S]*max_connections"):
        server.start()


def test_stopping_leaves_no_process_behind(places: Places) -> None:
    with running_servers(places, {}):
        pass
    assert not [pid for pid in all_pids() if working_directory(pid) in (places.postgres_data, places.valkey_data)]


def test_dedicated_servers_can_be_stopped_and_killed(tmp_path: Path) -> None:
    with dedicated_postgres(tmp_path) as postgres, dedicated_valkey(tmp_path) as valkey:
        for end in (postgres.stop, postgres.kill):
            end()
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(postgres.url)
            postgres.start()
            psycopg.connect(postgres.url).close()
        for end in (valkey.stop, valkey.kill):
            end()
            with pytest.raises(redis.ConnectionError):
                redis.Redis.from_url(valkey.url).ping()
            valkey.start()
            assert redis.Redis.from_url(valkey.url).ping()


def test_a_servers_setting_is_known_by_its_kind(empty_places: Places) -> None:
    assert [servers.variable(server) for server in own_servers(empty_places, {})] == ["DATABASE_URL", "REDIS_URL"]
