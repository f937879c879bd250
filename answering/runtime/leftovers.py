"""Processes of an `up` that was killed: the next one ends them, so that they hold no port.

Linux ends them with their parent (`leash`). This is for what escapes that: grandchildren,
and systems without it. The pid file names their process groups; since numbers are used
again, a process counts as ours only if it bears this checkout's mark.
"""

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from answering.runtime.processes import HAS_PROC, PROC, all_pids, end_processes

MARK = "ALIO_CHECKOUT"  # in the environment of every process of `up`


class PidFile:
    """Which process groups `up` has started."""

    def __init__(self, path: Path, checkout: Path) -> None:
        self._path = path
        self._checkout = checkout

    def write(self, pids: Mapping[str, int]) -> None:
        """Note what runs now."""
        draft = self._path.with_suffix(".new")
        draft.write_text(json.dumps(dict(pids)))
        draft.replace(self._path)

    def end_leftovers(self) -> int:
        """End what a former `up` of this checkout left running; how many processes that were."""
        leftovers = [pid for pid in self._candidates() if pid != os.getpid()]
        if leftovers:
            end_processes(leftovers, first=signal.SIGTERM, patience=2.0)
        self._path.unlink(missing_ok=True)
        return len(leftovers)

    def _candidates(self) -> Iterator[int]:
        if HAS_PROC:
            yield from (pid for pid in all_pids() if _bears_mark(pid, self._checkout))
            return
        groups = set(self._read().values())
        listing = subprocess.run(
            ["ps", "-axo", "pid=,pgid=,command="],  # noqa: S607
            capture_output=True,
            text=True,
            check=False,
        ).stdout
        for line in listing.splitlines():
            pid, group, command = line.split(maxsplit=2)
            if int(group) in groups and str(self._checkout) in command:
                yield int(pid)

    def _read(self) -> dict[str, int]:
        try:
            return dict(json.loads(self._path.read_text()))
        except (FileNotFoundError, ValueError):
            return {}


def _bears_mark(pid: int, checkout: Path) -> bool:
    with contextlib.suppress(OSError):
        return f"{MARK}={checkout}".encode() in (PROC / str(pid) / "environ").read_bytes().split(b"\0")
    return False
