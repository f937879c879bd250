#!/usr/bin/env python
"""Django's command line; runs this checkout's own database and Valkey while a command needs them."""

import os
import signal
import sys
from types import FrameType

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

NEED_NO_SERVERS = {
    *("check", "collectstatic", "compilemessages", "diffsettings", "findstatic", "help", "makemessages"),
    *("startapp", "startproject", "up", "version"),
}


def main() -> None:
    """Run one command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "answering.settings")
    try:
        run(sys.argv)
    except ImproperlyConfigured as problem:
        sys.exit(str(problem))


def run(arguments: list[str]) -> None:
    """Run one command, with this checkout's servers if it needs them."""
    if not needs_servers(arguments):
        execute_from_command_line(arguments)
        return
    from answering.runtime.errors import StartError  # noqa: PLC0415 - `check` starts without psycopg
    from answering.runtime.servers import running_servers  # noqa: PLC0415

    signal.signal(signal.SIGTERM, leave_in_order)
    settings.DEBUG  # noqa: B018 - read now, so that wrong settings are told before a server starts
    try:
        with running_servers():
            execute_from_command_line(arguments)
    except StartError as problem:
        sys.exit(str(problem))


def needs_servers(arguments: list[str]) -> bool:
    """Whether the command may touch database or broker; one that we do not know may."""
    is_help = any(argument in ("-h", "--help", "--version") for argument in arguments)
    return len(arguments) > 1 and arguments[1] not in NEED_NO_SERVERS and not is_help


def leave_in_order(number: int, frame: FrameType | None) -> None:
    """Turn SIGTERM into an exit that stops what was started."""
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
