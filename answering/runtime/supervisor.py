"""Runs the processes of `up`: shows what they say, starts again what dies, stops all in order."""

import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from answering.runtime.leftovers import PidFile
from answering.runtime.processes import leashed
from answering.runtime.terminal import Terminal

DELAYS = (0.2, 1.0, 5.0)  # seconds before the first, second and every further new start
STEADY_SECONDS = 30.0  # after so long a life a death counts as the first again
TICK_SECONDS = 0.5
SAME_SIGNAL_SECONDS = 1.0
LINE_LIMIT_BYTES = 64 * 1024


@dataclass(frozen=True)
class Program:
    """One process of `up`. Those with the smallest `stage` are stopped first."""

    name: str
    command: tuple[str, ...]
    stage: int = 0
    patience: float = 3.0  # seconds from SIGTERM to SIGKILL
    delay: float = 0.0  # seconds by which it lets the others start first


@dataclass
class _Child:
    program: Program
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    start_at: float = 0.0
    deaths: int = 0
    unfinished: bytes = b""


@dataclass
class Supervisor:
    """Runs programs until it gets SIGINT, SIGTERM or SIGHUP; a second signal kills what is left at once."""

    programs: Sequence[Program]
    environ: Mapping[str, str]
    directory: Path
    terminal: Terminal
    pids: PidFile
    _signals: int = field(default=0, init=False)
    _signalled_at: float = field(default=float("-inf"), init=False)
    _children: list[_Child] = field(default_factory=list, init=False)
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector, init=False)

    def run(self, on_tick: Callable[[], None]) -> None:
        """Run everything until told to stop; `on_tick` is called about twice a second meanwhile."""
        now = time.monotonic()
        self._children = [_Child(program, start_at=now + program.delay) for program in self.programs]
        with _WakeUp(self._selector, self._count_signal):
            try:
                while not self._signals:
                    self._start_due()
                    self._listen(self._next_event())
                    self._note_deaths()
                    on_tick()
            finally:
                self._stop_all()

    def _count_signal(self, number: int, frame: FrameType | None) -> None:
        """Count each wish to stop once: make and a service manager may send the same signal twice."""
        now = time.monotonic()
        if now - self._signalled_at > SAME_SIGNAL_SECONDS:
            self._signals += 1
            self._signalled_at = now

    def _start_due(self) -> None:
        due = [child for child in self._children if child.process is None and time.monotonic() >= child.start_at]
        for child in due:
            self._start(child)
        if due:
            self.pids.write({child.program.name: child.process.pid for child in self._children if child.process})

    def _start(self, child: _Child) -> None:
        child.process = subprocess.Popen(
            leashed(child.program.command, signal.SIGTERM),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.environ,
            cwd=self.directory,
            start_new_session=True,
        )
        child.started_at = time.monotonic()
        if child.process.stdout:
            os.set_blocking(child.process.stdout.fileno(), False)
            self._selector.register(child.process.stdout, selectors.EVENT_READ, child)

    def _next_event(self) -> float:
        """Seconds until something is due by itself."""
        pending = [child.start_at - time.monotonic() for child in self._children if child.process is None]
        return max(0.0, min([TICK_SECONDS, *pending]))

    def _listen(self, seconds: float) -> None:
        """Show what the processes say; returns after so many seconds, or when something happened."""
        for key, _ in self._selector.select(seconds):
            if isinstance(key.data, _Child):
                self._show(key.data)
            elif isinstance(key.fileobj, socket.socket):
                key.fileobj.recv(4096)

    def _show(self, child: _Child) -> bool:
        """Show the next lines of this process; whether there was anything to read."""
        if not child.process or not child.process.stdout or child.process.stdout.closed:
            return False
        try:
            chunk = os.read(child.process.stdout.fileno(), LINE_LIMIT_BYTES)
        except BlockingIOError:
            return False
        if not chunk:
            self._close_output(child)
            return False
        *lines, child.unfinished = (child.unfinished + chunk).split(b"\n")
        if len(child.unfinished) > LINE_LIMIT_BYTES:
            lines, child.unfinished = [*lines, child.unfinished], b""
        for line in lines:
            self.terminal.line(child.program.name, line.decode(errors="replace").rstrip())
        return True

    def _close_output(self, child: _Child) -> None:
        if child.process and child.process.stdout and not child.process.stdout.closed:
            self._selector.unregister(child.process.stdout)
            child.process.stdout.close()
        if child.unfinished:
            self.terminal.line(child.program.name, child.unfinished.decode(errors="replace"))
            child.unfinished = b""

    def _note_deaths(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.process is None or child.process.poll() is None:
                continue
            code = child.process.returncode
            lived = now - child.started_at
            self._finish(child)
            child.deaths = 1 if lived > STEADY_SECONDS else child.deaths + 1
            delay = DELAYS[min(child.deaths, len(DELAYS)) - 1]
            child.start_at = now + delay
            self.terminal.say(f"{child.program.name} ended ({_describe(code)}); starting it again in {delay:g} s")

    def _finish(self, child: _Child) -> None:
        """Show the last words of a process that ended, and end those which it has left behind."""
        if child.process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.process.pid, signal.SIGKILL)
        while self._show(child):
            pass
        self._close_output(child)
        child.process.wait()
        child.process = None

    def _stop_all(self) -> None:
        self.terminal.say("stopping")
        for stage in sorted({child.program.stage for child in self._children}):
            self._stop_stage([child for child in self._children if child.program.stage == stage])
        self.pids.write({})

    def _stop_stage(self, children: Sequence[_Child]) -> None:
        for child in children:
            if child.process:
                with suppress(ProcessLookupError):
                    child.process.terminate()
        started = time.monotonic()
        while running := [child for child in children if child.process]:
            for child in running:
                is_late = time.monotonic() - started > child.program.patience or self._signals > 1
                if child.process and (is_late or child.process.poll() is not None):
                    self._finish(child)
            self._listen(0.05)  # keeps the pipes empty: a process that cannot write would not end


class _WakeUp:
    """Lets signals, that of an ended child included, interrupt the wait for output."""

    def __init__(self, selector: selectors.BaseSelector, on_stop: Callable[[int, FrameType | None], None]) -> None:
        self._selector = selector
        self._on_stop = on_stop
        self._reader, self._writer = socket.socketpair()
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> None:
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._descriptor = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._selector.register(self._reader, selectors.EVENT_READ)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._before[number] = signal.signal(number, self._on_stop)
        self._before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, _only_wake)

    def __exit__(self, *exception: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        signal.set_wakeup_fd(self._descriptor)
        self._selector.unregister(self._reader)
        self._reader.close()
        self._writer.close()


def _only_wake(number: int, frame: FrameType | None) -> None:
    """The wake-up descriptor does the work."""


def _describe(code: int) -> str:
    if code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"
