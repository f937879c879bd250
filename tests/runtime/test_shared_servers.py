"""The servers of the tests themselves."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from answering.runtime.addresses import CHECKOUT
from answering.runtime.processes import all_pids, wait_until, working_directory
from tests.servers import (
    PREFIX,
    YOUNG_SECONDS,
    private_directory,
    remove_abandoned_directories,
    with_database_number,
)


def test_directories_of_killed_runs_are_removed_and_no_others() -> None:
    long_ago = time.time() - YOUNG_SECONDS - 1
    abandoned = Path(tempfile.mkdtemp(prefix=PREFIX))
    (abandoned / "postgres").mkdir()
    young = Path(tempfile.mkdtemp(prefix=PREFIX))
    with private_directory() as used:
        for directory in (abandoned, used):
            os.utime(directory, (long_ago, long_ago))
        remove_abandoned_directories()
        assert not abandoned.exists()
        assert used.exists()
    assert young.exists()
    young.rmdir()


def test_servers_of_a_killed_run_end_with_it() -> None:
    code = "import os, signal, tests.servers as s; s.start_shared_servers(); os.kill(os.getpid(), signal.SIGKILL)"
    environ = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    command = [sys.executable, "-c", code]
    with private_directory() as directory:
        ended = subprocess.run(command, cwd=CHECKOUT, env=environ | {"TMPDIR": str(directory)}, check=False)
        assert ended.returncode == -signal.SIGKILL
        assert list(directory.glob(f"{PREFIX}*/postgres"))

        def survivors() -> list[int]:
            return [pid for pid in all_pids() if directory in getattr(working_directory(pid), "parents", ())]

        assert wait_until(lambda: not survivors(), 10), survivors()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("unix:///tmp/alio/valkey.sock?db=0", "unix:///tmp/alio/valkey.sock?db=3"),
        ("redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/3"),
        ("redis://127.0.0.1:6379", "redis://127.0.0.1:6379/3"),
    ],
)
def test_each_worker_has_a_redis_database_of_its_own(given: str, expected: str) -> None:
    assert with_database_number(given, 3) == expected
