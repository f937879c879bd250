"""One PostgreSQL server: made, started or adopted, stopped."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from answering.runtime import addresses
from answering.runtime.errors import StartError
from answering.runtime.processes import (
    HAS_PROC,
    all_pids,
    command_line,
    end_processes,
    is_alive,
    last_lines,
    start_in_background,
    wait_until,
    working_directory,
)
from answering.runtime.programs import postgres_programs, postgres_version
from answering.runtime.server_user import ServerUser, server_user

SUPERUSER = "postgres"
FIRST_WITH_BUILTIN_LOCALE = 17
RECOVERY_SECONDS = 120.0
STOP_SECONDS = 8.0
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def _say_nothing(message: str) -> None:
    """Nobody listens."""


@dataclass
class PostgresServer:
    """The server of one data directory, listening on one socket and nowhere else.

    `is_durable` off is for tests: a crash of the machine may then lose the data. `ends_with_us`
    stops the server when this process dies, even by `kill -9`; without it the server stays,
    and the next start adopts it.
    """

    data: Path
    sockets: Path
    log: Path
    is_durable: bool = True
    ends_with_us: bool = False
    settings: dict[str, str] = field(default_factory=dict)
    say: Callable[[str], None] = _say_nothing
    _process: "subprocess.Popen[bytes] | None" = field(default=None, init=False, repr=False)

    @property
    def url(self) -> str:
        """What belongs into `DATABASE_URL`."""
        return addresses.postgres_url(self.sockets)

    def start(self) -> None:
        """Have the server accept connections; one that already runs on this data is taken as it is."""
        try:
            if self.running_pid() is None:
                self._begin()
            self._wait_until_ready()
            self._ensure_database()
        except PermissionError as error:
            raise StartError(
                f"PostgreSQL cannot start: {error.filename} belongs to another user. "
                "Start Alio as the user who started it first."
            ) from error

    def stop(self) -> None:
        """Stop the server, ending its connections; what was committed is on disk."""
        if (pid := self.running_pid()) is not None:
            os.kill(pid, signal.SIGINT)
            if not wait_until(lambda: self._has_ended(pid), STOP_SECONDS):
                end_processes([pid], first=signal.SIGQUIT, patience=2.0)
        self._end_orphans()
        self._collect()

    def kill(self) -> None:
        """`kill -9`, as a fault: the server has no time to write anything."""
        if (pid := self.running_pid()) is not None:
            os.kill(pid, signal.SIGKILL)
            wait_until(lambda: self._has_ended(pid), STOP_SECONDS)
        self._collect()

    def running_pid(self) -> int | None:
        """The server on this data directory, by its own pid file; None if that is left over."""
        lines = self._pid_file_lines()
        if not lines or not lines[0].isdigit():
            return None
        pid = int(lines[0])
        return pid if is_alive(pid) and self._is_ours(pid) else None

    def _has_ended(self, pid: int) -> bool:
        self._poll()
        return not is_alive(pid)

    def _is_ours(self, pid: int) -> bool:
        if HAS_PROC:
            return working_directory(pid) == self.data.resolve()
        return str(self.data) in command_line(pid)

    def _pid_file_lines(self) -> list[str]:
        try:
            return self._pid_file.read_text().splitlines()
        except FileNotFoundError:
            return []

    @property
    def _pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    def _begin(self) -> None:
        self._end_orphans()
        self._remove_stale_locks()
        user = server_user(self.data)
        self.data.parent.mkdir(parents=True, exist_ok=True)
        programs = postgres_programs(self.data)
        if not (self.data / "PG_VERSION").exists():
            self._initialise(user, programs)
        user.give(self.sockets)
        command = user.command(
            programs / "postgres",
            *("-D", str(self.data)),
            *(part for name, value in self._all_settings().items() for part in ("-c", f"{name}={value}")),
            directories=[self.data, self.sockets],
            ends_with_us=self.ends_with_us,
        )
        self._process = start_in_background(command, log=self.log, environ=_environ(), directory=Path("/"))

    def _all_settings(self) -> dict[str, str]:
        own = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self.sockets}"',
            "unix_socket_permissions": "0700",
            "port": str(addresses.POSTGRES_PORT),
            "shared_buffers": "64MB",
            "random_page_cost": "1.1",  # what PostgreSQL's manual advises for solid-state disks
            "timezone": "UTC",
            "log_timezone": "UTC",
            "cluster_name": "alio",
        }
        return own | ({} if self.is_durable else NOT_DURABLE) | self.settings

    def _initialise(self, user: ServerUser, programs: Path) -> None:
        """Make the data directory, whole or not at all: a start that is killed leaves none behind."""
        self.say("Making the database of this checkout (once).")
        draft = self.data.with_name(self.data.name + ".new")
        if draft.exists():
            shutil.rmtree(draft)
        user.give(draft)
        durability = [] if self.is_durable else ["--no-sync"]
        command = user.command(
            programs / "initdb",
            *("-D", str(draft), f"--username={SUPERUSER}", "--auth=trust", "--encoding=UTF8", "--no-instructions"),
            *_locale_options(postgres_version(programs)),
            *durability,
            directories=[draft],
        )
        answer = subprocess.run(command, capture_output=True, text=True, env=_environ(), cwd="/", check=False)
        if answer.returncode:
            raise StartError(f"PostgreSQL's initdb failed:\n{answer.stderr.strip() or answer.stdout.strip()}")
        draft.rename(self.data)

    def _wait_until_ready(self) -> None:
        if not wait_until(lambda: self._poll() or self._is_ready(), RECOVERY_SECONDS) or not self._is_ready():
            raise StartError(f"PostgreSQL did not start ({self.log}):\n{last_lines(self.log)}")

    def _is_ready(self) -> bool:
        lines = self._pid_file_lines()
        return len(lines) >= 8 and lines[7].strip() == "ready" and self.running_pid() is not None

    def _poll(self) -> bool:
        """Whether the process that we started has ended; this also lets the system forget it."""
        return self._process is not None and self._process.poll() is not None

    def _collect(self) -> None:
        if self._process is not None:
            self._process.wait()
            self._process = None

    def _ensure_database(self) -> None:
        """Alio's role and database; the role owns its database and is no superuser, as in production."""
        with psycopg.connect(
            host=str(self.sockets), port=addresses.POSTGRES_PORT, user=SUPERUSER, dbname="postgres", autocommit=True
        ) as connection:
            role, name = addresses.DATABASE_ROLE, addresses.DATABASE_NAME
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE").format(sql.Identifier(role)))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(role))
                )

    def _end_orphans(self) -> None:
        """End processes of a server whose head was killed: they share its memory until they notice."""
        directory = self.data.resolve()
        orphans = [pid for pid in all_pids() if working_directory(pid) == directory]
        end_processes(orphans, first=signal.SIGQUIT, patience=5.0)

    def _remove_stale_locks(self) -> None:
        """Remove lock files whose number now belongs to another program, which PostgreSQL would respect.

        Only called when no process works in the data directory.
        """
        if HAS_PROC:
            socket = addresses.postgres_socket(self.sockets)
            for path in (self._pid_file, socket, socket.with_name(socket.name + ".lock")):
                path.unlink(missing_ok=True)


def _locale_options(version: int) -> list[str]:
    """Sorting by code point on every machine: what people see sorted has its own key."""
    if version >= FIRST_WITH_BUILTIN_LOCALE:
        return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C.UTF-8", "--locale-provider=libc"]


def _environ() -> dict[str, str]:
    """Ours without PostgreSQL's own variables, and with messages that can be read in logs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C"}
