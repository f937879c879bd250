"""Run a program that must not outlive the one which started it: `leash.py PARENT SIGNAL PROGRAM ...`.

Linux sends the signal when the parent dies, be it by `kill -9`; elsewhere the program just
runs. A file of its own, without imports from the project, so that it starts in milliseconds.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Become the program."""
    parent, death_signal, program = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the program that started this one is gone")
    os.execvp(program[0], program)  # noqa: S606 - no shell is the point


if __name__ == "__main__":
    main()
