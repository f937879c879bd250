"""Is one process of the house well? For the health checks of containers, which ask all the time.

`python -m answering.runtime.probe http://127.0.0.1:8000/healthz` asks a process that answers requests;
`python -m answering.runtime.probe worker` looks for the pulse of one that does not. No application is loaded,
which would take three times the processor time. Ends with 0, or with 1 and a line that says what is wrong.
"""

import os
import sys
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import psycopg
from django.conf import settings
from django.db import connection

from answering.pulse.freshness import FRESH_WITHIN

TIMEOUT_SECONDS = 3

_AGE = "SELECT extract(epoch FROM statement_timestamp() - pulsed_at) FROM pulse_servicepulse WHERE name = %s"


class Unwell(Exception):
    """What is wrong, in a line for the operator."""


def probe(target: str) -> None:
    """Return if the address answers well, or the part of this name has a fresh pulse; raises Unwell."""
    if target in FRESH_WITHIN:
        _find_pulse(target)
    elif target.startswith("http://"):
        _ask(target)
    else:
        raise Unwell(f"Neither an address nor one of {', '.join(FRESH_WITHIN)}: {target!r}")


def _ask(address: str) -> None:
    """The pages answer only to their public name."""
    request = Request(address, headers={"Host": urlsplit(settings.PUBLIC_URL).netloc})  # noqa: S310 - http only
    try:
        with urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310
            return
    except HTTPError as error:
        raise Unwell(f"{address} answers {error.code}: {error.read(200).decode(errors='replace').strip()}") from error
    except (URLError, HTTPException, OSError) as error:
        raise Unwell(f"{address} does not answer: {error}") from error


def _find_pulse(name: str) -> None:
    """One query on a connection of its own; Django's would have the applications loaded first."""
    try:
        with psycopg.connect(**connection.get_connection_params()) as database:
            row = database.execute(_AGE, [name]).fetchone()
    except psycopg.Error as error:
        raise Unwell(f"The database cannot be asked: {str(error).strip().splitlines()[0]}") from error
    if row is None:
        raise Unwell(f"{name} has never been seen")
    if row[0] > FRESH_WITHIN[name].total_seconds():
        raise Unwell(f"{name} was last seen {row[0]:.0f} s ago")


def main(arguments: list[str]) -> int:
    """Probe what the one argument names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "answering.settings")
    if len(arguments) != 1:
        sys.stdout.write(f"One argument is needed: an address, or one of {', '.join(FRESH_WITHIN)}.\n")
        return 2
    try:
        probe(arguments[0])
    except Unwell as problem:
        sys.stdout.write(f"{problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
