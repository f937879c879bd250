"""What Twilio told us while the database was away: files in `var/spool`, taken in once it is back."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import structlog
from django.conf import settings

from answering.lib import clock

log = structlog.get_logger(__name__)

SUFFIX = ".json"
UNREADABLE = ".unreadable"


@dataclass(frozen=True, slots=True)
class Report:
    """A request of Twilio's, verified: which of our addresses it came to, its parameters, and when."""

    kind: str
    params: dict[str, str]
    received_at: datetime


def keep(report: Report) -> bool:
    """Write the report down, complete or not at all; False when the disk refuses too.

    Only this system's user may read it: it names people.
    """
    directory = settings.SPOOL_DIR
    try:
        directory.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=directory, suffix=".part")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(report) | {"received_at": report.received_at.isoformat()}, file)
            file.flush()
            os.fsync(file.fileno())
        about = report.params.get("CallSid", "")[:40] if report.params.get("CallSid", "").isalnum() else ""
        Path(name).rename(directory / f"{clock.uuid7()}-{about}{SUFFIX}")  # names sort by time
    except OSError as error:
        log.critical("spool.not_kept", kind=report.kind, error=str(error))
        return False
    return True


def forget_call(call_sid: str) -> None:
    """Throw away what was kept of a call that has been served after all: its arrival was told again."""
    with suppress(OSError):
        for name in os.listdir(settings.SPOOL_DIR):  # noqa: PTH208 - a path for each, or a pattern, costs every call
            if name.endswith(f"-{call_sid}{SUFFIX}"):
                _forget_arrival(settings.SPOOL_DIR / name)


def _forget_arrival(path: Path) -> None:
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        if _read(path).kind == "voice":
            path.unlink()


def kept() -> Iterator[tuple[Path, Report]]:
    """What is kept, the oldest first. A file that cannot be read is put aside, for a person to look at."""
    directory = settings.SPOOL_DIR
    for path in sorted(directory.glob(f"*{SUFFIX}")) if directory.is_dir() else []:
        try:
            yield path, _read(path)
        except FileNotFoundError:
            continue  # another dispatcher was first
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            put_aside(path, error)
        except OSError as error:  # such as too many open files: it may be read later
            log.error("spool.not_read", file=path.name, error=str(error)[:300])


def put_aside(path: Path, error: Exception) -> None:
    """Keep what cannot be taken in under another name, so that it does not hold up the rest."""
    log.error("spool.put_aside", file=path.name, error=type(error).__name__)
    with suppress(FileNotFoundError):
        path.rename(path.with_suffix(UNREADABLE))


def _read(path: Path) -> Report:
    data = json.loads(path.read_text(encoding="utf-8"))
    params = {str(name): str(value) for name, value in data["params"].items()}
    return Report(str(data["kind"]), params, datetime.fromisoformat(data["received_at"]))
