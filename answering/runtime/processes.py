"""Facts about processes that others started, and starting ones that outlive us or die with us."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

PROC = Path("/proc")
HAS_PROC = (PROC / "self").exists()  # Linux
LEASH = Path(__file__).with_name("leash.py")
LOG_LIMIT_BYTES = 5_000_000


def is_alive(pid: int) -> bool:
    """Whether the process exists; one that has ended but was not collected by its parent does not count."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return not HAS_PROC
    return state not in "ZX"


def working_directory(pid: int) -> Path | None:
    """Where the process works, None where that cannot be seen."""
    try:
        return (PROC / str(pid) / "cwd").readlink()
    except OSError:
        return None


def command_line(pid: int) -> str:
    """The process's command, empty if it is gone."""
    with contextlib.suppress(OSError):
        return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    if HAS_PROC:
        return ""
    answer = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S607
    return answer.stdout


def all_pids() -> Iterator[int]:
    """Every process of the machine; nothing where there is no /proc."""
    if HAS_PROC:
        yield from (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit())


def wait_until(condition: Callable[[], bool], seconds: float, *, pause: float = 0.02) -> bool:
    """Whether the condition became true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True


def end_processes(pids: Sequence[int], *, first: signal.Signals, patience: float) -> None:
    """End these processes: politely, and with SIGKILL whichever is still there after `patience` seconds."""
    for number, seconds in ((first, patience), (signal.SIGKILL, 5.0)):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        if wait_until(lambda: not any(is_alive(pid) for pid in pids), seconds):
            return


def leashed(command: Sequence[str], death_signal: signal.Signals) -> list[str]:
    """The command as one that gets this signal when the calling process dies."""
    return [sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), str(int(death_signal)), *command]


def start_in_background(
    command: Sequence[str], *, log: Path, environ: Mapping[str, str], directory: Path
) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own: a Ctrl-C in our terminal does not reach it."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_name(log.name + ".1"))
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environ,
            cwd=directory,
            start_new_session=True,
        )


def last_lines(log: Path, count: int = 8) -> str:
    """The end of a server's log, for the message that it did not start."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
    except FileNotFoundError:
        return ""
