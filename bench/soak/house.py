"""A house of its own: a copy of the checkout with own servers and ports, set up as in production, run by `up`."""

import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import django

from answering.runtime.addresses import Places, database_url, redis_url
from answering.runtime.lineup import CARRIERS_AFTER
from answering.runtime.ports import free_port, is_free
from answering.runtime.postgres import PostgresServer
from answering.runtime.processes import all_pids, end_processes, leashed, wait_until, working_directory
from answering.runtime.servers import own_servers, running_servers
from answering.runtime.valkey import ValkeyServer
from tests.checkout import copy_checkout, untouched_environ
from tests.servers import private_directory, remove_abandoned_directories

LOOPBACK = "127.0.0.1"
START_SECONDS = 120.0
STOP_SECONDS = 60.0
CLIENTS = ("Klīnika Sirds", "Baltic Outdoor", "Παππάς & Συνεργάτες")
NUMBERS = ("+37167000001", "+37052000002", "+302100000003")
AGENTS = (
    *("Nora Kalna", "Rita Liepa", "Jānis Ozols", "Ilze Krūma"),
    *("Elena Vītola", "Tomas Kazlauskas", "Νίκος Παππάς", "Žanete Šķēle"),
)
# Short limits, so that calls are missed and wrap-ups run out within the time of a run.
WAITING_LIMIT, OFFER_INTERVAL, WRAP_UP_LIMIT = timedelta(seconds=20), timedelta(seconds=3), timedelta(seconds=8)


@dataclass(frozen=True)
class Cast:
    """Whom the scripts play: slugs and numbers of the lines that are called, e-mail addresses of the agents."""

    lines: tuple[str, ...]
    numbers: tuple[str, ...]
    agents: tuple[str, ...]
    password: str


def _free_ports() -> int:
    """The first of four that nobody uses at this moment: pages, stream, mail, webhooks."""
    while True:
        port = free_port(LOOPBACK)
        if all(is_free(LOOPBACK, port + after) for after in range(1, CARRIERS_AFTER + 1)):
            return port


@dataclass
class House:
    """All of Alio in one directory. Use within `built`; `up` runs from `open` on.

    `carrier` are the settings by which it reaches its telephone network.
    """

    directory: Path
    carrier: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=_free_ports)
    _given: dict[str, str] = field(default_factory=untouched_environ, init=False, repr=False)
    _secret: str = field(default_factory=lambda: secrets.token_urlsafe(64), init=False, repr=False)
    _up: "subprocess.Popen[bytes] | None" = field(default=None, init=False, repr=False)

    @property
    def places(self) -> Places:
        return Places(self.directory)

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def mail_port(self) -> int:
        return self.port + 2

    @property
    def live_url(self) -> str:
        return f"http://{LOOPBACK}:{self.port + 1}/live/"

    @property
    def carriers_url(self) -> str:
        """Where webhooks are led to by whoever stands before the house."""
        return f"http://{LOOPBACK}:{self.port + CARRIERS_AFTER}"

    @property
    def log(self) -> Path:
        """What `up` and its processes have said."""
        return self.directory / "up.log"

    @property
    def servers(self) -> tuple[PostgresServer, ValkeyServer]:
        """To stop and kill them; they are started by `start_servers`."""
        postgres, valkey = own_servers(self.places, {})
        assert isinstance(postgres, PostgresServer)
        assert isinstance(valkey, ValkeyServer)
        return postgres, valkey

    def start_servers(self) -> None:
        """Start whichever is down, in turn with processes of the house that may be doing the same."""
        with running_servers(self.places, {}):
            pass

    def heads(self) -> dict[str, int]:
        """The processes that the supervisor runs now, by name."""
        try:
            return dict(json.loads((self.places.run / "up.pids").read_text()))
        except FileNotFoundError:
            return {}

    def settings(self) -> dict[str, str]:
        """The environment of a production installation, but for TLS and for limits that this load must pass."""
        return {
            "DJANGO_SETTINGS_MODULE": "answering.settings",
            "SECRET_KEY": self._secret,
            "DEBUG": "off",
            "PUBLIC_URL": self.url,
            "LIVE_URL": self.live_url,
            "ALLOWED_HOSTS": LOOPBACK,
            "EMAIL_URL": f"smtp://{LOOPBACK}:{self.mail_port}",
            "CALLS_PER_ADDRESS": "1000000",
            "WAITING_PER_LINE": "1000000",
            "LOG_LEVEL": "WARNING",
            **self.carrier,
        }

    def run(self, *command: str, log: Path) -> "subprocess.Popen[bytes]":
        """Start a Python program of the house, which ends with us at the latest."""
        with log.open("ab") as output:
            return subprocess.Popen(
                leashed([sys.executable, *command], signal.SIGTERM),
                cwd=self.directory,
                env=self._given | self.settings(),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def open(self) -> None:
        """Run `up`, until its pages answer."""
        self._up = self.run("manage.py", "up", "--port", str(self.port), log=self.log)
        if not wait_until(lambda: self._is_ready() or self.has_ended(), START_SECONDS) or self.has_ended():
            raise RuntimeError(f"The house does not open:\n{self.log.read_text(errors='replace')}")

    def _is_ready(self) -> bool:
        return b"Alio is ready" in self.log.read_bytes()

    def has_ended(self) -> bool:
        """Whether `up` itself is gone."""
        return self._up is None or self._up.poll() is not None

    def close(self) -> int | None:
        """Stop `up` as Ctrl-C does; its exit status, None if it never ran."""
        if self._up is None:
            return None
        self._up.send_signal(signal.SIGINT)
        try:
            return self._up.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._up.kill()
            return self._up.wait()


@contextmanager
def built(say: Callable[[str], None], carrier: dict[str, str]) -> Iterator[tuple[House, Cast]]:
    """A house with lines and people in it and servers that run, its doors not open yet; gone afterwards."""
    remove_abandoned_directories()
    with private_directory() as directory:
        say("copying the checkout")
        house = House(copy_checkout(directory / "alio"), carrier)
        say("making a database")
        with running_servers(house.places, {}), _mail_sink(house):
            say("moving in")
            try:
                yield house, _furnish(house)
            finally:
                house.close()
        _end_what_is_left(house)


def _end_what_is_left(house: House) -> None:
    """A server that was killed while somebody else was starting it may have been lost sight of."""
    left = [pid for pid in all_pids() if house.directory in getattr(working_directory(pid), "parents", ())]
    end_processes(left, first=signal.SIGTERM, patience=2.0)


@contextmanager
def _mail_sink(house: House) -> Iterator[None]:
    """The mail server of this house, which nobody kills: what it has taken has arrived."""
    port, directory = str(house.mail_port), str(house.places.mail)
    process = house.run("-m", "answering.runtime.mailsink", port, directory, log=house.directory / "mail.log")
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _furnish(house: House) -> Cast:
    """Make tables, lines and people, and the static files of a production installation.

    From here on this process is one of the house's own: Django is set up with its database.
    """
    statics = house.run("manage.py", "collectstatic", "--no-input", "--verbosity", "0", log=house.log)
    own = {"DATABASE_URL": database_url(house.places), "REDIS_URL": redis_url(house.places), "DATABASE_POOL_SIZE": "0"}
    os.environ |= house.settings() | own
    django.setup()
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0)
    cast = _people()
    connections.close_all()  # the next look at the database is after it was killed
    if statics.wait(START_SECONDS):
        raise RuntimeError(f"collectstatic has failed:\n{house.log.read_text(errors='replace')}")
    return cast


def _people() -> Cast:
    """Three clients with a line each, and agents cleared for all of them."""
    from tests.cast import PASSWORD, make_agent, make_client, make_line, make_provider, make_tariff

    provider = make_provider()
    clients = tuple(make_client(name, provider=provider) for name in CLIENTS)
    limits = {"waiting_limit": WAITING_LIMIT, "offer_interval": OFFER_INTERVAL, "wrap_up_limit": WRAP_UP_LIMIT}
    lines = [make_line(client, number=number, **limits) for client, number in zip(clients, NUMBERS, strict=True)]
    for client in clients:
        make_tariff(client, bills_hold=True, wrap_up_seconds_billed_at_most=5)
    agents = [make_agent(name, clients=clients) for name in AGENTS]
    return Cast(tuple(line.slug for line in lines), NUMBERS, tuple(agent.user.email for agent in agents), PASSWORD)
