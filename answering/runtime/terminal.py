"""The one terminal of `up`: every line says which process it is from."""

import contextlib
import os
from typing import TextIO

NAME_WIDTH = 10
COLOURS = (36, 32, 33, 35, 34, 96, 92, 93)  # of the ANSI terminal, readable on dark and on light
OWN_COLOUR = 1


class Terminal:
    """Writes prefixed lines; colours only where a person looks (and NO_COLOR is not set)."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_coloured = stream.isatty() and not os.environ.get("NO_COLOR")
        self._colours: dict[str, int] = {}

    def say(self, message: str) -> None:
        """A word of `up` itself."""
        self._write("alio", OWN_COLOUR, message)

    def line(self, name: str, text: str) -> None:
        """A line that the process `name` wrote."""
        colour = self._colours.setdefault(name, COLOURS[len(self._colours) % len(COLOURS)])
        self._write(name, colour, text)

    def plain(self, text: str) -> None:
        """Lines without a prefix, for what is to be read as a whole."""
        self._put(text)

    def _write(self, name: str, colour: int, text: str) -> None:
        prefix = f"{name:<{NAME_WIDTH}} |"
        if self._is_coloured:
            prefix = f"\x1b[{colour}m{prefix}\x1b[0m"
        self._put(f"{prefix} {text}")

    def _put(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # the terminal was closed: the processes go on
            self._stream.write(text + "\n")
            self._stream.flush()
