"""Database and Valkey of one test run: its own, in a directory of its own, gone at the end.

A pytest plugin named in `addopts`, since the environment must be right before anything reads
the settings. A `DATABASE_URL` or `REDIS_URL` in the environment is used instead. Under xdist
the controller starts the servers and each worker takes a Redis database of its own.

The servers are shared by tests that run at the same time. A test that stops or kills one
starts its own: `dedicated_postgres`, `dedicated_valkey`.
"""

import atexit
import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from answering.runtime.postgres import PostgresServer
from answering.runtime.valkey import ValkeyServer

PREFIX = "alio-test-"
YOUNG_SECONDS = 3600
POSTGRES_SETTINGS = {"max_connections": "200", "shared_buffers": "128MB", "log_min_messages": "error"}
ENVIRONMENT = {
    "SECRET_KEY": "only-for-tests-" + "x" * 50,
    "DEBUG": "on",  # as the settings see it: static files without collecting them; tests run with DEBUG off
    "PUBLIC_URL": "http://localhost",
    "LIVE_URL": "http://localhost:8001/live/",
    "ALLOWED_HOSTS": "*",
    "EMAIL_URL": "smtp://127.0.0.1:9",  # the discard port: nothing is sent by accident
}

_running = ExitStack()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """Prepare the environment before pytest-django reads the settings."""
    options = early_config.known_args_namespace
    if not (options.help or options.version):
        prepare_environment()
    return (yield)


def pytest_unconfigure() -> None:
    """Stop what was started, whatever the tests came to."""
    _running.close()


def prepare_environment() -> None:
    """Servers and variables for this process and those it starts."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker:
        os.environ["REDIS_URL"] = with_database_number(os.environ["REDIS_URL"], int(worker.removeprefix("gw")) + 1)
    elif not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        start_shared_servers()


def start_shared_servers() -> None:
    """Start the servers that the environment does not name, and name them there."""
    atexit.register(_running.close)
    remove_abandoned_directories()
    directory = _running.enter_context(private_directory())
    if not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = _running.enter_context(_postgres(directory, directory / "postgres.log")).url
    if not os.environ.get("REDIS_URL"):
        os.environ["REDIS_URL"] = _running.enter_context(_valkey(directory, directory / "valkey.log")).url


@contextmanager
def dedicated_postgres(tmp_path: Path) -> Iterator[PostgresServer]:
    """A PostgreSQL for one test: `.url`, `.stop()`, `.start()`, `.kill()`; its log is in `tmp_path`."""
    with private_directory() as directory:
        copy_made_database(directory / "postgres")
        with _postgres(directory, tmp_path / "postgres.log") as server:
            yield server


@contextmanager
def dedicated_valkey(tmp_path: Path) -> Iterator[ValkeyServer]:
    """A Valkey for one test: `.url`, `.stop()`, `.start()`, `.kill()`; its log is in `tmp_path`."""
    with private_directory() as directory, _valkey(directory, tmp_path / "valkey.log") as server:
        yield server


def copy_made_database(data: Path) -> None:
    """A data directory as the first start leaves it, with role and database: making one anew takes longest of all."""
    subprocess.run(["cp", "-a", _made_database(), data], check=True)  # noqa: S607


@cache
def _made_database() -> Path:
    directory = _running.enter_context(private_directory())
    with _postgres(directory, directory / "postgres.log"):
        pass
    return directory / "postgres"


@contextmanager
def private_directory() -> Iterator[Path]:
    """A short path of our own: sockets do not fit into pytest's; as root the database's user must pass.

    It is locked while it is used, so that one left by a killed run can be told from the others.
    """
    directory = Path(tempfile.mkdtemp(prefix=PREFIX))
    if os.geteuid() == 0:
        directory.chmod(0o711)
    descriptor = os.open(directory, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    try:
        yield directory
    finally:
        os.close(descriptor)
        shutil.rmtree(directory, ignore_errors=True)


def remove_abandoned_directories() -> None:
    """Remove what killed runs have left; a young one may be about to be locked."""
    for directory in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            if directory.stat().st_uid != os.geteuid() or time.time() - directory.stat().st_mtime < YOUNG_SECONDS:
                continue
            descriptor = os.open(directory, os.O_RDONLY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(directory, ignore_errors=True)
            finally:
                os.close(descriptor)


def with_database_number(redis_url: str, number: int) -> str:
    """The same Redis, another of its databases."""
    if redis_url.startswith("unix:"):
        return f"{redis_url.partition('?')[0]}?db={number}"
    return urlunsplit(urlsplit(redis_url)._replace(path=f"/{number}"))


@contextmanager
def _postgres(directory: Path, log: Path) -> Iterator[PostgresServer]:
    server = PostgresServer(
        directory / "postgres",
        directory / "pg",
        log,
        is_durable=False,
        ends_with_us=True,
        settings=POSTGRES_SETTINGS,
    )
    try:
        server.start()
        yield server
    finally:
        with suppress(ProcessLookupError):
            server.stop()


@contextmanager
def _valkey(directory: Path, log: Path) -> Iterator[ValkeyServer]:
    server = ValkeyServer(directory / "valkey.sock", directory / "valkey", log, ends_with_us=True)
    try:
        server.start()
        yield server
    finally:
        with suppress(ProcessLookupError):
            server.stop()
