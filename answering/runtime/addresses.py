"""Where the servers of this checkout listen and where its data lies.

Standard library only and no server started: the settings import this module. The
addresses depend on the checkout's path alone, so every process finds the same servers.
"""

import hashlib
import os
import secrets
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import parse_qs, quote, urlsplit

CHECKOUT = Path(__file__).resolve().parents[2]
DATABASE_NAME = DATABASE_ROLE = "alio"
POSTGRES_PORT = 5432  # names the socket file only
# sockaddr_un.sun_path is 108 bytes on Linux, 104 on macOS and the BSDs, a closing NUL included.
SOCKET_PATH_LIMIT = 107 if sys.platform == "linux" else 103


@dataclass(frozen=True)
class Places:
    """The files of one checkout that are not code, all under its `var/`."""

    checkout: Path

    @property
    def var(self) -> Path:
        """The directory of everything that is made at run time."""
        return self.checkout / "var"

    @property
    def run(self) -> Path:
        """Locks and pid files."""
        return self.var / "run"

    @property
    def postgres_data(self) -> Path:
        """PostgreSQL's data directory."""
        return self.var / "postgres"

    @property
    def valkey_data(self) -> Path:
        """Valkey's working directory; it keeps nothing there."""
        return self.var / "valkey"

    @property
    def log(self) -> Path:
        """What the servers say."""
        return self.var / "log"

    @property
    def mail(self) -> Path:
        """Messages caught by the mail sink."""
        return self.var / "mail"

    @property
    def sockets(self) -> Path:
        """The directory of both servers' sockets: `var/run`, or a short one where that is too long a path.

        The short one is under /tmp rather than TMPDIR, which may differ from one terminal to the next.
        """
        longest = postgres_socket(self.run / "pg")
        if len(os.fsencode(longest)) <= SOCKET_PATH_LIMIT:
            return self.run
        digest = hashlib.sha256(os.fsencode(self.checkout)).hexdigest()[:16]
        return Path("/tmp") / f"alio-{os.geteuid()}-{digest}"  # noqa: S108 - made 0700 and checked when used

    @property
    def postgres_sockets(self) -> Path:
        """A directory of its own: as root, the database runs as another user, who must own it."""
        return self.sockets / "pg"

    @property
    def valkey_socket(self) -> Path:
        """Valkey's socket."""
        return self.sockets / "valkey.sock"


HERE = Places(CHECKOUT)


def postgres_socket(directory: Path) -> Path:
    """The socket that PostgreSQL makes in this directory."""
    return directory / f".s.PGSQL.{POSTGRES_PORT}"


def postgres_url(sockets: Path, *, role: str = DATABASE_ROLE, name: str = DATABASE_NAME) -> str:
    """A `DATABASE_URL` for the server whose sockets are in this directory.

    The port is given although a socket has none, so that a PGPORT in the environment is not used.
    """
    return f"postgresql://{role}@{quote(str(sockets), safe='')}:{POSTGRES_PORT}/{name}"


def valkey_url(socket: Path, *, number: int = 0) -> str:
    """A `REDIS_URL` for the server on this socket, database `number`."""
    return f"unix://{quote(str(socket))}?db={number}"


def database_url(places: Places = HERE) -> str:
    """The address of this checkout's own PostgreSQL."""
    return postgres_url(places.postgres_sockets)


def redis_url(places: Places = HERE) -> str:
    """The address of this checkout's own Valkey."""
    return valkey_url(places.valkey_socket)


def broker_url(redis_url: str) -> str:
    """The same server as Celery spells it: `unix://` becomes `redis+socket://`, others stay."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    number = parse_qs(parts.query).get("db", ["0"])[0]
    return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={number}"


def development_secret(places: Places = HERE) -> str:
    """This checkout's SECRET_KEY for development, made at first use (`var/secret-key`, 0600).

    Of several processes that start together, the first to link the file into place wins.
    """
    path = places.var / "secret-key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=path.parent, prefix=".secret-key.") as draft:  # 0600
            draft.write(secrets.token_urlsafe(64))
            draft.flush()
            with suppress(FileExistsError):
                path.hardlink_to(draft.name)
    return path.read_text().strip()
