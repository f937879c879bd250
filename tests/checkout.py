"""A copy of this checkout that runs by itself, with its own `var/`, servers and ports."""

import os
import shutil
from pathlib import Path

from answering.runtime.addresses import CHECKOUT
from answering.runtime.ports import free_port, is_free
from tests.servers import ENVIRONMENT

_LEFT_OUT = shutil.ignore_patterns(
    *(".venv", "var", ".git", "*_cache", "__pycache__", "node_modules", "static-collected", "test-results")
)
_OF_THE_TESTS = {*ENVIRONMENT, "DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"}


def copy_checkout(directory: Path) -> Path:
    """The copy, in a directory that is not there yet, by its true path."""
    shutil.copytree(CHECKOUT, directory, ignore=_LEFT_OUT)
    return directory.resolve()


def untouched_environ() -> dict[str, str]:
    """The environment of this process without what tests and measurements have put into it."""
    return {name: value for name, value in os.environ.items() if name not in _OF_THE_TESTS}


def free_pair() -> int:
    """A port of loopback that nobody uses at this moment, nor the next one: pages and stream."""
    while not is_free("127.0.0.1", (port := free_port("127.0.0.1")) + 1):
        pass
    return port
