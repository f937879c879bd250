"""Caddy with our Caddyfile, on ports of loopback and in front of whom a test names."""

import http.client
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from answering.runtime.addresses import CHECKOUT
from answering.runtime.processes import leashed
from tests.browser.house import free_port
from tests.waiting import wait_until

CADDYFILE = CHECKOUT / "Caddyfile"
UNVERIFIED = ssl.create_default_context()
UNVERIFIED.check_hostname = False
UNVERIFIED.verify_mode = ssl.CERT_NONE  # the certificate is Caddy's own, made a moment ago


def find_caddy() -> str:
    """The program; skips the test when there is none for this platform."""
    beside = Path(sys.executable).with_name("caddy")
    found = str(beside) if beside.exists() else shutil.which("caddy")
    if not found:
        pytest.skip("No Caddy found: requirements/dev.txt brings it to Linux and macOS.")
    return found


@dataclass(frozen=True)
class Proxy:
    """A running Caddy: what it is reached by, and what it has said."""

    port: int
    http_port: int
    log: Path

    @property
    def name(self) -> str:
        return f"localhost:{self.port}"

    @property
    def url(self) -> str:
        """Without a slash at its end."""
        return f"https://{self.name}"

    def connect(self) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection("localhost", self.port, context=UNVERIFIED, timeout=20)

    def ask(
        self, target: str, method: str = "GET", *, headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> tuple[http.client.HTTPResponse, str]:
        """The answer to one request and its text."""
        connection = self.connect()
        try:
            connection.request(method, target, body=body, headers=headers or {})
            response = connection.getresponse()
            return response, response.read().decode()
        finally:
            connection.close()

    def is_up(self) -> bool:
        """Is the certificate made and anybody there?"""
        with suppress(OSError):
            self.ask("/metrics")
            return True
        return False


def configuration(caddy: str, directory: Path, variables: dict[str, str], http_port: int) -> dict[str, Any]:
    """Our Caddyfile as Caddy reads it; only what a machine with a second Caddy needs is changed."""
    environ = os.environ | variables
    adapt = [caddy, "adapt", "--adapter", "caddyfile", "--config", str(CADDYFILE)]
    found: dict[str, Any] = json.loads(subprocess.run(adapt, env=environ, capture_output=True, check=True).stdout)
    found["admin"] = {"disabled": True}
    found["storage"] = {"module": "file_system", "root": str(directory / "storage")}
    found["apps"]["http"]["http_port"] = http_port
    found["apps"]["http"]["https_port"] = int(variables["PUBLIC_URL"].rpartition(":")[2])
    found["apps"].setdefault("pki", {})["certificate_authorities"] = {"local": {"install_trust": False}}
    return found


@contextmanager
def proxy(directory: Path, *, web: str, live: str, carriers: str = "") -> Iterator[Proxy]:
    """Caddy in front of these (host:port), until the block ends. Without `carriers` web has the webhooks too."""
    caddy = find_caddy()
    running = Proxy(free_port(), free_port(), directory / "caddy.log")
    variables = {"PUBLIC_URL": running.url, "WEB_UPSTREAMS": web, "LIVE_UPSTREAMS": live}
    variables["CARRIER_UPSTREAMS"] = carriers or f"127.0.0.1:{free_port()}"
    config = directory / "caddy.json"
    config.write_text(json.dumps(configuration(caddy, directory, variables, running.http_port)))
    command = leashed([caddy, "run", "--config", str(config)], signal.SIGTERM)
    environ = os.environ | {"HOME": str(directory), "XDG_CONFIG_HOME": str(directory), "XDG_DATA_HOME": str(directory)}
    with running.log.open("wb") as log:
        process = subprocess.Popen(command, env=environ, stdout=log, stderr=log)
    try:
        wait_until(running.is_up, 30)
        yield running
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()
