"""All of Alio that browsers need, against the test database: web, live, dispatcher."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.signals import request_finished, request_started
from django.test import Client as Http
from playwright.sync_api import BrowserContext

from answering.accounts.models import User
from answering.runtime.processes import leashed
from calls.management.commands.dispatch import serve_round
from tests.cast import House
from tests.waiting import wait_until

QUIET_SECONDS = 0.5


@dataclass(frozen=True)
class RunningHouse:
    """`url` has no slash at its end."""

    url: str
    house: House

    @property
    def phone_url(self) -> str:
        """The public page of the house's line, in English."""
        return f"{self.url}/phone/{self.house.line.slug}/?language=en"

    def sign_in(self, context: BrowserContext, user: User) -> None:
        """Sign a browser in without typing."""
        http = Http()
        http.force_login(user)
        value = http.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": self.url}])


def free_port() -> int:
    """A port of loopback nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def live_process(port: int, page_url: str, redis_url: str, log: Path) -> Iterator[None]:
    """The event stream for pages of this origin, with the tickets of this test process."""
    environ = os.environ | {"SECRET_KEY": str(settings.SECRET_KEY), "PUBLIC_URL": page_url}
    environ["REDIS_URL"] = redis_url
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--no-ws", "--host", "127.0.0.1"]
    command = leashed([*command, "--port", str(port), "answering.live:application"], signal.SIGTERM)
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environ, stdout=output, stderr=output)
    try:
        wait_until(lambda: _is_up(f"http://127.0.0.1:{port}/live/healthz"), 20)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
        process.kill()
        process.wait()


def _is_up(url: str) -> bool:
    with suppress(urllib.error.URLError, ConnectionError), urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310
        return bool(answer.status == 200)
    return False


@contextmanager
def requests_awaited() -> Iterator[None]:
    """At the end wait for requests under way: a closed page still says goodbye, and the database is emptied next."""
    under_way: set[int] = set()
    quiet_since = time.monotonic()

    def note_start(**_: object) -> None:
        under_way.add(threading.get_ident())

    def note_end(**_: object) -> None:
        nonlocal quiet_since
        under_way.discard(threading.get_ident())
        quiet_since = time.monotonic()

    request_started.connect(note_start, weak=False)
    request_finished.connect(note_end, weak=False)
    try:
        yield
        quiet_since = time.monotonic()
        with suppress(AssertionError, TimeoutError):
            wait_until(lambda: not under_way and time.monotonic() - quiet_since > QUIET_SECONDS, 10)
    finally:
        request_started.disconnect(note_start)
        request_finished.disconnect(note_end)


@contextmanager
def dispatcher_thread() -> Iterator[None]:
    """What `manage.py dispatch` does, every half second."""
    stop = threading.Event()

    def serve() -> None:
        while not stop.wait(0.5):
            serve_round()

    thread = threading.Thread(target=serve, name="dispatcher", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)
