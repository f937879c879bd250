"""One line that says how far the run is; on a terminal it is written over, elsewhere it comes now and then."""

import sys
import time
from typing import TextIO

QUIET_SECONDS = 10.0
WIDTH = 110


class Progress:
    """Where a person looks: whatever is being done now."""

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._said_at = 0.0

    def say(self, text: str) -> None:
        """A step that begins; always shown."""
        self._write(text, ends_line=not self._is_terminal)

    def show(self, text: str) -> None:
        """How it stands; shown on a terminal, and elsewhere every ten seconds."""
        if self._is_terminal or time.monotonic() - self._said_at > QUIET_SECONDS:
            self._write(text, ends_line=not self._is_terminal)

    def end(self) -> None:
        """Leave the terminal an empty line."""
        if self._is_terminal:
            self._stream.write(f"\r{'':<{WIDTH}}\r")
            self._stream.flush()

    def _write(self, text: str, *, ends_line: bool) -> None:
        self._said_at = time.monotonic()
        self._stream.write(f"{text}\n" if ends_line else f"\r{text[:WIDTH]:<{WIDTH}}")
        self._stream.flush()


def bar(part: float, width: int = 20) -> str:
    """So much of the whole, as a bar."""
    full = round(max(0.0, min(part, 1.0)) * width)
    return f"[{'#' * full}{'.' * (width - full)}]"
