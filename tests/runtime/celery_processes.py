"""Real Celery processes on the test's database and on a broker of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil
from django.db import connection

from answering.pulse.models import ServicePulse
from answering.runtime.valkey import ValkeyServer
from tests.outbox.post_office import LOOPBACK, PostOffice
from tests.waiting import wait_until

PROJECT = Path(__file__).resolve().parents[2]
QUIET = ("--loglevel", "warning")
PATIENCE = 120


class CeleryProcess:
    """A worker or beat with all its children."""

    def __init__(self, arguments: tuple[str, ...], environ: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "celery", "--quiet", "-A", "answering", *arguments],
                cwd=PROJECT,
                env=environ,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def is_up(self) -> bool:
        """Whether it can take tasks; fails if it has ended by itself."""
        assert self._process.poll() is None, self.log.read_text(errors="replace")
        return bool(self.children())

    def children(self) -> list[psutil.Process]:
        """The processes that run the tasks."""
        return list(psutil.Process(self._process.pid).children(recursive=True))

    def kill_children(self) -> None:
        """kill -9 of those only; the head finds out."""
        victims = self.children()
        assert victims
        _kill(victims)

    def kill(self) -> None:
        """kill -9 of head and children."""
        with suppress(psutil.NoSuchProcess):
            head = psutil.Process(self._process.pid)
            _kill([head, *head.children(recursive=True)])
        self._process.wait(20)


def _kill(victims: list[psutil.Process]) -> None:
    for victim in victims:
        with suppress(psutil.NoSuchProcess):
            victim.kill()
    psutil.wait_procs(victims, timeout=20)


class Background:
    """Starts workers and beats, and ends them all with the test."""

    def __init__(self, broker: ValkeyServer, office: PostOffice, directory: Path) -> None:
        self.broker = broker
        self.directory = directory
        self._running = ExitStack()
        self._environ = os.environ | {
            "DJANGO_SETTINGS_MODULE": "answering.settings",
            "DATABASE_URL": _test_database(),
            "DATABASE_POOL_SIZE": "0",
            "REDIS_URL": broker.url,
            "EMAIL_URL": f"smtp://{LOOPBACK}:{office.port}",
        }

    def worker(self) -> CeleryProcess:
        """A worker with one process for tasks, ready for them."""
        arguments = ("worker", *QUIET, "--without-gossip", "--without-mingle", "--concurrency", "1")
        worker = self._start("worker", arguments)
        wait_until(worker.is_up, PATIENCE)
        return worker

    def beat(self) -> CeleryProcess:
        """The clock of the sweeps."""
        return self._start("beat", ("beat", *QUIET, "--pidfile=", "--schedule", str(self.directory / "schedule")))

    def _start(self, name: str, arguments: tuple[str, ...]) -> CeleryProcess:
        process = CeleryProcess(arguments, self._environ, self.directory / f"{name}.log")
        self._running.callback(process.kill)
        return process

    @contextmanager
    def running(self) -> Iterator["Background"]:
        with self._running:
            yield self


def _test_database() -> str:
    """The address of the database that this test writes to."""
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}"))


def pulses() -> set[str]:
    """Which parts of the service have ever shown a sign of life."""
    return set(ServicePulse.objects.values_list("name", flat=True))
