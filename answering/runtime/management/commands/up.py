"""Everything that Alio consists of, in one terminal, until Ctrl-C."""

import fcntl
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections

from answering.runtime.addresses import HERE
from answering.runtime.errors import StartError
from answering.runtime.leftovers import PidFile
from answering.runtime.lineup import LOOPBACK, Lineup
from answering.runtime.ports import answers, claim_ports, free_port, is_free
from answering.runtime.postgres import PostgresServer
from answering.runtime.servers import Server, running_servers
from answering.runtime.supervisor import Supervisor
from answering.runtime.terminal import Terminal

SLOW_START_SECONDS = 60.0
SEEDED_NOTE = "alio-demo-seeded"


class Command(BaseCommand):
    """Start database, Valkey and all processes; Ctrl-C stops them in order."""

    help = "Runs all of Alio in this terminal: database, Valkey, web, live, worker, beat, dispatcher, mail sink."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to listen."""
        parser.add_argument("--port", type=int, default=None, help="of the pages (default: $PORT or 8000)")
        parser.add_argument("--host", default=LOOPBACK, help=f"address to listen on (default: {LOOPBACK})")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until told to stop."""
        terminal = Terminal(sys.stdout)
        signal.signal(signal.SIGTERM, _leave_in_order)
        try:
            port = options["port"] or port_from(os.environ.get("PORT", ""))
            with _only_one():
                _run(options["host"], port, terminal)
        except StartError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            terminal.say("stopped before the start was complete")


def _run(host: str, port: int, terminal: Terminal) -> None:
    pids = PidFile(HERE.run / "up.pids", HERE.checkout)
    if count := pids.end_leftovers():
        terminal.say(f"ended {count} processes that a former run left behind")
    claim_ports(host, port)
    lineup = Lineup(HERE, host, port, _mail_port(port, terminal))
    programs = lineup.programs(os.environ)
    terminal.say("starting the servers")
    with running_servers(HERE, os.environ) as servers:
        environ = lineup.environ(os.environ, servers)
        _migrate(terminal)
        _seed_once(servers, environ, terminal)
        for directory in (HERE.mail, HERE.var / "media", HERE.var / "spool"):
            directory.mkdir(parents=True, exist_ok=True)
        Supervisor(programs, environ, HERE.checkout, terminal, pids).run(_Announcement(lineup, terminal))
    terminal.say("stopped")


def _migrate(terminal: Terminal) -> None:
    terminal.say("bringing the database up to date")
    call_command("migrate", interactive=False, verbosity=0)
    connections.close_all()
    for connection in connections.all(initialized_only=True):
        close_pool = getattr(connection, "close_pool", None)
        if close_pool:
            close_pool()


def _seed_once(servers: Sequence[Server], environ: dict[str, str], terminal: Terminal) -> None:
    """Fill a new database with the demo, unless this is a production installation.

    Our own database notes that in its directory, so that the next start is quicker; of
    another one only the command itself can tell.
    """
    if not settings.DEBUG:
        return
    note = HERE.postgres_data / SEEDED_NOTE if _has_own_database(servers) else None
    if note and note.exists():
        return
    terminal.say("looking after the demo data")
    command = [sys.executable, str(HERE.checkout / "manage.py"), "seed_demo"]
    if subprocess.run(command, env=environ, cwd=HERE.checkout, check=False).returncode:
        raise StartError("The demo data could not be made; the lines above say why.")
    if note:
        note.touch()


def _has_own_database(servers: Sequence[Server]) -> bool:
    return any(isinstance(server, PostgresServer) for server in servers)


class _Announcement:
    """Says once, as soon as the pages can be opened, where they are and how to sign in."""

    def __init__(self, lineup: Lineup, terminal: Terminal) -> None:
        self._lineup = lineup
        self._terminal = terminal
        self._is_made = False
        self._slow_at = time.monotonic() + SLOW_START_SECONDS

    def __call__(self) -> None:
        if self._is_made:
            return
        name = LOOPBACK if self._lineup.host in ("", "0.0.0.0") else self._lineup.host  # noqa: S104
        if all(answers(name, port) for port in (self._lineup.port, self._lineup.port + 1)):
            self._is_made = True
            self._terminal.plain(self._text())
        elif time.monotonic() > self._slow_at:
            self._slow_at = float("inf")
            self._terminal.say("the pages do not answer yet; the lines above may say why")

    def _text(self) -> str:
        logins = _logins()
        width = max([len(role) for role, _, _ in logins], default=0)
        mail_width = max([len(mail) for _, mail, _ in logins], default=0)
        lines = ["", f"  Alio is ready:  {self._lineup.address}/"]
        if self._lineup.mail_port:
            lines.append(f"  Mail it sends:  {self._lineup.address}/dev/mail/")
        lines += ["", *(f"  {role:<{width}}  {mail:<{mail_width}}  {word}" for role, mail, word in logins)]
        return "\n".join([*lines, "", "  Ctrl-C stops everything.", ""])


def _logins() -> list[tuple[str, str, str]]:
    """Role, e-mail address, password, as `seed_demo --logins` prints them."""
    if not settings.DEBUG:
        return []
    output = io.StringIO()
    try:
        call_command("seed_demo", "--logins", stdout=output)
    except CommandError:
        return []
    rows = (line.split("\t") for line in output.getvalue().splitlines())
    return [(row[0], row[1], row[2]) for row in rows if len(row) == 3]


def _mail_port(port: int, terminal: Terminal) -> int | None:
    if os.environ.get("EMAIL_URL"):
        return None
    if is_free(LOOPBACK, port + 2):
        return port + 2
    other = free_port(LOOPBACK)
    terminal.say(f"port {port + 2} is in use: the mail sink listens on {other}")
    return other


def port_from(text: str) -> int:
    """The port that PORT names, 8000 if it is absent. Raises StartError."""
    if not text:
        return 8000
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65533:
        raise StartError(f"PORT must be a number from 1 to 65533, not {text!r}.")
    return int(text)


@contextmanager
def _only_one() -> Iterator[None]:
    """Hold this checkout for ourselves; the system lets go of it when we die."""
    HERE.run.mkdir(parents=True, exist_ok=True)
    path = HERE.run / "up.lock"
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StartError(f"Alio already runs from this checkout (process {_holder(path)}).") from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _holder(path: Path) -> str:
    return path.read_text().strip() or "unknown"


def _leave_in_order(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)
