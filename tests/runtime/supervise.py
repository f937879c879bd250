"""A small `up` for tests: runs two stand-ins under the supervisor until it is stopped."""

import os
import sys
from pathlib import Path

from answering.runtime.leftovers import MARK, PidFile
from answering.runtime.supervisor import Program, Supervisor
from answering.runtime.terminal import Terminal

STAND_IN = """
import signal, sys, time
def end(*_):
    print("good bye", flush=True)
    sys.exit()
signal.signal(signal.SIGTERM, end)
print("hello", flush=True)
time.sleep(600)
"""
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("no", flush=True)
time.sleep(600)
"""

if __name__ == "__main__":
    directory = Path(sys.argv[1])
    second = STUBBORN if "stubborn" in sys.argv else STAND_IN
    Supervisor(
        [
            Program("back", (sys.executable, "-c", STAND_IN), stage=1),
            Program("front", (sys.executable, "-c", second), stage=0, patience=1.0),
        ],
        os.environ | {MARK: str(directory)},
        directory,
        Terminal(sys.stdout),
        PidFile(directory / "up.pids", directory),
    ).run(lambda: None)
