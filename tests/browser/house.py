"""All of Alio that browsers need, against the test database: web, live, dispatcher."""

import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication

from django.conf import settings
from django.test import Client as Http
from playwright.sync_api import BrowserContext
from pytest_django.live_server_helper import LiveServer

from answering.accounts.models import User
from answering.runtime.processes import leashed
from calls.management.commands.dispatch import serve_round
from tests.cast import House
from tests.waiting import wait_until


class Door:
    """In front of the pages: shut while the database is emptied, for a page that is closed still says goodbye."""

    def __init__(self, server: LiveServer) -> None:
        pages = server.thread.httpd.get_app()
        assert pages is not None
        self._pages: WSGIApplication = pages
        server.thread.httpd.set_app(self)
        self._changed = threading.Condition()
        self._is_open = False
        self._inside = 0

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        with self._changed:
            if not self._is_open:
                start_response("503 Service Unavailable", [("Content-Length", "0")])
                return ()
            self._inside += 1
        try:
            return Visit(self._pages(environ, start_response), self._leave)
        except BaseException:
            self._leave()
            raise

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Let requests in until the block ends, and then wait for those inside."""
        self._is_open = True
        yield
        with self._changed:
            self._is_open = False
            assert self._changed.wait_for(lambda: not self._inside, 30), "a request does not end"

    def _leave(self) -> None:
        with self._changed:
            self._inside -= 1
            self._changed.notify_all()


class Visit:
    """An answer that says when it is over."""

    def __init__(self, answer: Iterable[bytes], on_end: Callable[[], None]) -> None:
        self._answer, self._on_end = answer, on_end

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._answer)

    def close(self) -> None:
        """Called by the server at the end of every request, however it went."""
        try:
            self._answer.close()  # type: ignore[attr-defined]  # Django's responses have it
        finally:
            self._on_end()


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
