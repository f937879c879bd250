"""The servers of this checkout, running while somebody uses them.

Everybody who uses them holds a shared lock on one file, which the system drops with its
holder, also after a `kill -9`. Whoever leaves last stops the servers; servers that outlived
a killed owner are adopted by the next user. A second lock orders starts and stops.
"""

import fcntl
import os
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TextIO

from answering.runtime.addresses import HERE, Places, database_url, redis_url
from answering.runtime.errors import StartError
from answering.runtime.postgres import PostgresServer
from answering.runtime.valkey import ValkeyServer

Server = PostgresServer | ValkeyServer


def own_servers(places: Places = HERE, environ: Mapping[str, str] = os.environ) -> list[Server]:
    """The servers that this checkout must run itself: not those which the environment gives an address of.

    Our own address counts as none given: the processes of `up` inherit it.
    """
    servers: list[Server] = []
    if environ.get("DATABASE_URL", "") in ("", database_url(places)):
        servers.append(
            PostgresServer(places.postgres_data, places.postgres_sockets, places.log / "postgres.log", say=_say)
        )
    if environ.get("REDIS_URL", "") in ("", redis_url(places)):
        servers.append(ValkeyServer(places.valkey_socket, places.valkey_data, places.log / "valkey.log"))
    return servers


def variable(server: Server) -> str:
    """The setting that names this server's address."""
    return "DATABASE_URL" if isinstance(server, PostgresServer) else "REDIS_URL"


@contextmanager
def running_servers(places: Places = HERE, environ: Mapping[str, str] = os.environ) -> Iterator[list[Server]]:
    """This checkout's servers, started or adopted, until the block ends; stopped if nobody else uses them."""
    servers = own_servers(places, environ)
    if not servers:
        yield servers
        return
    places.run.mkdir(parents=True, exist_ok=True)
    _prepare_sockets(places)
    with (places.run / "servers.users").open("a") as users:
        try:
            with _turn(places):
                fcntl.flock(users, fcntl.LOCK_SH)
                for server in servers:
                    server.start()
            yield servers
        finally:
            _leave(places, users, servers)


def _leave(places: Places, users: TextIO, servers: Sequence[Server]) -> None:
    with _turn(places):
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        for server in reversed(servers):
            server.stop()


@contextmanager
def _turn(places: Places) -> Iterator[None]:
    """One process at a time starts or stops servers."""
    with (places.run / "servers.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _prepare_sockets(places: Places) -> None:
    """The directory of the sockets; one under /tmp must be our own, since others could have made it first."""
    directory = places.sockets
    directory.mkdir(mode=0o700, exist_ok=True)
    if directory == places.run:
        return
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o022:
        raise StartError(f"{directory} belongs to another user or is open to others: remove it.")
    if os.geteuid() == 0:
        directory.chmod(0o711)  # the database's user owns a directory inside


def _say(message: str) -> None:
    sys.stderr.write(f"{message}\n")
