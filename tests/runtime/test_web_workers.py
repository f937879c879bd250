"""The web server that `up` runs, with an application that starts at once."""

import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import suppress

import psutil
import pytest

from answering.runtime.addresses import CHECKOUT, Places
from answering.runtime.lineup import LOOPBACK, Lineup
from answering.runtime.ports import free_port
from tests.waiting import wait_until


class WebServer:
    """The head and its workers."""

    def __init__(self) -> None:
        port = free_port(LOOPBACK)
        web = Lineup(Places(CHECKOUT), LOOPBACK, port, None).programs({})[0]
        *command, _application = web.command
        self.url = f"http://{LOOPBACK}:{port}/"
        self.head = subprocess.Popen([*command, "tests.runtime.nobody:application"], cwd=CHECKOUT)

    def workers(self) -> set[int]:
        return {child.pid for child in psutil.Process(self.head.pid).children() if self._serves(child)}

    def _serves(self, process: psutil.Process) -> bool:
        with suppress(psutil.Error):
            return process.status() != psutil.STATUS_ZOMBIE and "resource_tracker" not in " ".join(process.cmdline())
        return False

    def ask(self) -> int:
        """Which process answers; 0 if none does."""
        with suppress(OSError), urllib.request.urlopen(self.url, timeout=5) as answer:  # noqa: S310
            return int(answer.read())
        return 0


@pytest.fixture
def server() -> Iterator[WebServer]:
    running = WebServer()
    try:
        wait_until(running.ask, 30)
        wait_until(lambda: len(running.workers()) == 2, 30)
        yield running
    finally:
        running.head.terminate()
        running.head.wait(20)


def test_a_worker_that_is_killed_is_replaced_and_the_others_go_on(server: WebServer) -> None:
    before = server.workers()
    killed = server.ask()
    psutil.Process(killed).kill()
    wait_until(lambda: killed not in server.workers() and len(server.workers()) == 2, 30)
    [kept] = before & server.workers()
    [new] = server.workers() - before
    assert server.head.poll() is None
    for worker in (kept, new):
        wait_until(lambda worker=worker: server.ask() == worker, 30)  # type: ignore[misc]
