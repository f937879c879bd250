import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from answering.runtime.addresses import CHECKOUT
from answering.runtime.leftovers import MARK, PidFile
from answering.runtime.processes import is_alive, wait_until


class Run:
    """A supervisor in a process of its own, and what it has shown so far."""

    def __init__(self, process: "subprocess.Popen[bytes]", output: Path, directory: Path) -> None:
        self.process = process
        self._output = output
        self._directory = directory

    @property
    def lines(self) -> list[str]:
        return self._output.read_text().splitlines()

    @property
    def pids(self) -> dict[str, int]:
        return dict(json.loads((self._directory / "up.pids").read_text()))

    def wait_for(self, condition: Callable[[list[str]], bool]) -> None:
        assert wait_until(lambda: condition(self.lines), 15), self.lines

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(15)


@contextmanager
def supervised(directory: Path, *arguments: str) -> Iterator[Run]:
    output = directory / "output"
    command = [sys.executable, "-m", "tests.runtime.supervise", str(directory), *arguments]
    with output.open("wb") as file, subprocess.Popen(command, cwd=CHECKOUT, stdout=file) as process:
        run = Run(process, output, directory)
        try:
            run.wait_for(lambda lines: len(lines) >= 2)
            yield run
        finally:
            process.kill()


def test_every_line_names_its_process_without_colour_in_a_file(tmp_path: Path) -> None:
    with supervised(tmp_path) as run:
        assert sorted(run.lines) == ["back       | hello", "front      | hello"]


def test_processes_are_stopped_in_their_order(tmp_path: Path) -> None:
    with supervised(tmp_path) as run:
        pids = run.pids
        assert run.stop() == 0
        assert run.lines[2:] == ["alio       | stopping", "front      | good bye", "back       | good bye"]
        assert not any(is_alive(pid) for pid in pids.values())


def test_ctrl_c_stops_as_well(tmp_path: Path) -> None:
    with supervised(tmp_path) as run:
        assert run.stop(signal.SIGINT) == 0
        assert run.lines[-1] == "back       | good bye"


def test_a_process_that_does_not_end_is_killed(tmp_path: Path) -> None:
    with supervised(tmp_path, "stubborn") as run:
        stubborn = run.pids["front"]
        assert run.stop() == 0
        assert not is_alive(stubborn)


def test_a_process_that_dies_is_started_again_and_said_so(tmp_path: Path) -> None:
    with supervised(tmp_path) as run:
        first = run.pids["front"]
        os.kill(first, signal.SIGKILL)
        run.wait_for(lambda lines: lines.count("front      | hello") == 2)
        assert "alio       | front ended (signal SIGKILL); starting it again in 0.2 s" in run.lines
        second = run.pids["front"]
        assert second != first
        os.kill(second, signal.SIGKILL)
        run.wait_for(lambda lines: lines.count("front      | hello") == 3)
        assert "alio       | front ended (signal SIGKILL); starting it again in 1 s" in run.lines


def test_no_process_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    with supervised(tmp_path) as run:
        pids = run.pids
        run.stop(signal.SIGKILL)
        assert wait_until(lambda: not any(is_alive(pid) for pid in pids.values()), 5)


def test_leftovers_of_this_checkout_are_ended_and_no_others(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    with (
        subprocess.Popen(command, env=os.environ | {MARK: str(tmp_path)}, start_new_session=True) as ours,
        subprocess.Popen(command, env=os.environ | {MARK: f"{tmp_path}-2"}, start_new_session=True) as theirs,
    ):
        try:
            pids = PidFile(tmp_path / "up.pids", tmp_path)
            pids.write({"web": ours.pid, "live": theirs.pid})
            assert pids.end_leftovers() == 1
            assert not is_alive(ours.pid)
            assert is_alive(theirs.pid)
            assert pids.end_leftovers() == 0
        finally:
            theirs.kill()
            ours.kill()
