"""`python -m bench.soak [--seconds N] [--seed N] [--details] [--log FILE]`"""

import argparse
import secrets
import signal
import sys
from pathlib import Path
from types import FrameType

from bench.soak.run import Run


def main() -> int:
    """Run, print the tables; 1 if a promise was broken."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.soak", description="Load while parts of the house are killed."
    )
    parser.add_argument("--seconds", type=_seconds, default=120, help="how long people call (default: 120)")
    parser.add_argument("--seed", type=int, default=None, help="of the dice; another run does the same kills and plans")
    parser.add_argument("--details", action="store_true", help="say too why requests were refused or failed")
    parser.add_argument("--log", type=Path, default=None, help="keep there what the processes of the house have said")
    options = parser.parse_args()
    seed = secrets.randbelow(10**6) if options.seed is None else options.seed
    signal.signal(signal.SIGTERM, _leave)
    try:
        return Run(seconds=options.seconds, seed=seed, details=options.details, log=options.log).run()
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped\n")
        return 130


def _seconds(text: str) -> int:
    seconds = int(text)
    if not 5 <= seconds <= 3600:
        raise argparse.ArgumentTypeError("from 5 to 3600")
    return seconds


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
