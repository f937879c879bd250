"""The tests' own order: what may not run side by side, and what is begun first."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from answering.runtime.addresses import CHECKOUT
from tests.scheduling import group_of

FILES = ("accounts/test_a.py", "browser/test_b.py", "browser/test_c.py", "runtime/test_d.py", "zones/test_e.py")
TESTS = "".join(f"def test_{number}():\n    pass\n\n\n" for number in range(4))
VERDICT = re.compile(r"^\[(gw\d)\].* PASSED (tests/\S+)", re.MULTILINE)


@pytest.mark.parametrize(
    ("nodeid", "group"),
    [
        ("tests/browser/test_console.py::test_a_shift[chromium]", "browser"),
        ("tests/browser/test_portal.py::test_the_list", "looks"),
        ("tests/runtime/test_workers.py::test_a_worker", "processes"),
        ("tests/calls/test_outages.py::test_a_call", "processes"),
        ("tests/calls/test_races.py::test_a_race[tests/browser/]", "tests/calls/test_races.py"),
    ],
)
def test_a_group_is_told_by_the_path(nodeid: str, group: str) -> None:
    assert group_of(nodeid) == group


def test_a_group_stays_in_one_worker_and_the_long_ones_begin(tmp_path: Path) -> None:
    for name in FILES:
        file = tmp_path / "tests" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    options = ["-n", "2", "--dist", "loadgroup", "-v", "-p", "tests.scheduling", "-p", "no:django"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "tests"],
        cwd=tmp_path,
        env=kept | {"PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
    )
    verdicts = VERDICT.findall(run.stdout)
    assert len(verdicts) == 4 * len(FILES), run.stdout + run.stderr
    first = {worker: next(test for who, test in verdicts if who == worker) for worker in ("gw0", "gw1")}
    assert {group_of(test) for test in first.values()} == {"browser", "processes"}
    assert len({worker for worker, test in verdicts if group_of(test) == "browser"}) == 1
