"""A live process of its own for a test, and a client that reads its streams."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

from answering.push.tickets import make_ticket
from tests.waiting import wait_until

SECRET = "only-for-these-tests-" + "x" * 40
PAGE_URL = "http://page.example:8000/"


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket: no port that two tests could want."""

    def __init__(self, path: Path, timeout: float = 10) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        """Open the socket."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class StreamClient:
    """One open stream, read frame by frame."""

    def __init__(
        self, connection: http.client.HTTPConnection, target: str, headers: dict[str, str] | None = None
    ) -> None:
        self._connection = connection
        connection.request("GET", target, headers={"Accept": "text/event-stream"} | (headers or {}))
        self.response = connection.getresponse()

    def __enter__(self) -> "StreamClient":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def next_event(self) -> tuple[str, str] | None:
        """Name and data of the next event; None when the stream has ended, in whatever way."""
        event, data = "message", ""
        while True:
            try:
                line = self.response.readline().decode()
            except (http.client.HTTPException, ConnectionError):
                return None
            if not line:
                return None
            name, _, value = line.rstrip("\n").partition(": ")
            if name == "event":
                event = value
            elif name == "data":
                data = value
            elif line == "\n" and data:
                return event, data

    def next_hint(self) -> str | None:
        """Data of the next hint, whatever else comes before it."""
        while (event := self.next_event()) and event[0] != "hint":
            pass
        return event[1] if event else None

    def close(self) -> None:
        """Hang up."""
        self.response.close()
        self._connection.close()


class LiveServer:
    """A granian process with one worker that serves `answering.live` on a Unix socket or a port."""

    def __init__(self, redis_url: str, directory: Path, *, page_url: str = PAGE_URL, port: int | None = None) -> None:
        self._log = directory / "live.log"
        self._socket = directory / "live.sock"
        self._port = port
        where = ["--uds", str(self._socket)] if port is None else ["--host", "127.0.0.1", "--port", str(port)]
        environ = {**os.environ, "REDIS_URL": redis_url, "SECRET_KEY": SECRET, "PUBLIC_URL": page_url}
        command = [sys.executable, "-m", "granian", "--interface", "asgi", "--no-ws", "--backpressure", "4000"]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*command, *where, "answering.live:application"], env=environ, stdout=log, stderr=log
            )

    @property
    def log(self) -> str:
        return self._log.read_text()

    @property
    def address(self) -> str:
        """Host and port, of one that listens on a port."""
        return f"127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        return self._process.pid

    def is_up(self) -> bool:
        """Does it answer, with Redis behind it?"""
        if self._process.poll() is not None:
            raise AssertionError(f"The live process has ended:\n{self.log}")
        return self.status("/live/healthz") == 200

    def status(self, target: str, method: str = "GET") -> int:
        """The status of one request; 0 if nobody listens."""
        with suppress(OSError):
            return self.ask(target, method).status
        return 0

    def ask(self, target: str, method: str = "GET", headers: dict[str, str] | None = None) -> http.client.HTTPResponse:
        """The answer to one request, read to its end."""
        connection = self._connect()
        try:
            connection.request(method, target, headers=headers or {})
            response = connection.getresponse()
            response.read()
            return response
        finally:
            connection.close()

    def open(self, *channels: str) -> StreamClient:
        """A new stream of these channels."""
        return StreamClient(self._connect(), f"/live/?ticket={make_ticket(channels, secret=SECRET)}")

    def stop(self) -> int:
        """Ask the process to end, as the operating system does, and wait for it."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise

    def _connect(self) -> http.client.HTTPConnection:
        if self._port is None:
            return UnixConnection(self._socket)
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)


@contextmanager
def live_server(
    redis_url: str, directory: Path, *, page_url: str = PAGE_URL, port: int | None = None
) -> Iterator[LiveServer]:
    """A live process that is connected to this Redis; ended afterwards."""
    server = LiveServer(redis_url, directory, page_url=page_url, port=port)
    try:
        wait_until(server.is_up, 20)
        yield server
    finally:
        server.stop()
