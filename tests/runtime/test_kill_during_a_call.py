"""`manage.py up` in a checkout of its own, everything killed -9 in the middle of a call, and started again.

Scripted pages without media: they say what a browser says. What they must find again: the call, the seconds,
the half-written message; and one usage record at the end.
"""

import json
import secrets
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import suppress
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from answering.runtime.addresses import Places
from answering.runtime.addresses import database_url as url_of
from tests.checkout import copy_checkout, free_pair, untouched_environ
from tests.servers import private_directory
from tests.waiting import wait_until

PATIENCE = 120


class Checkout:
    """A copy of the project that runs by itself."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port = free_pair()
        self.log = directory / "up.log"
        self.places = Places(directory)

    def start(self) -> None:
        self.log.write_bytes(b"")
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--port", str(self.port)],
                cwd=self.directory,
                env=untouched_environ(),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(lambda: "Alio is ready" in self.log.read_text(errors="replace"), PATIENCE)

    def kill_everything(self) -> None:
        """kill -9 of every process of this checkout, servers included."""
        victims = self._processes()
        assert len(victims) >= 8
        for victim in victims:
            with suppress(psutil.NoSuchProcess):
                victim.kill()
        psutil.wait_procs(victims, timeout=20)
        self.process.wait(20)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)

    def _processes(self) -> list[psutil.Process]:
        own = psutil.Process(self.process.pid)
        found = {own, *own.children(recursive=True)}
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                if Path(process.cwd()).is_relative_to(self.directory):
                    found.add(process)
        return list(found)

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the checkout's database."""
        with psycopg.connect(url_of(self.places)) as connection:
            return connection.execute(query, values).fetchall()


class Page:
    """A browser's page without the browser: cookies, and what it posts."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cookies = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        self.headers: dict[str, str] = {"Origin": url}

    def get(self, path: str) -> str:
        request = urllib.request.Request(self.url + path, headers=self.headers)  # noqa: S310 - loopback
        with self.opener.open(request, timeout=20) as answer:
            return str(answer.read().decode())

    def post(self, path: str, body: bytes, content_type: str) -> str:
        headers = self.headers | {"Content-Type": content_type, "X-CSRFToken": self._csrf()}
        request = urllib.request.Request(self.url + path, body, headers)  # noqa: S310 - loopback
        with self.opener.open(request, timeout=20) as answer:
            return str(answer.read().decode())

    def form(self, path: str, **fields: object) -> str:
        return self.post(path, urllib.parse.urlencode(fields).encode(), "application/x-www-form-urlencoded")

    def json(self, path: str, **fields: object) -> dict[str, Any]:
        answer = self.post(path, json.dumps(fields).encode(), "application/json")
        return dict(json.loads(answer)) if answer else {}

    def _csrf(self) -> str:
        return next((cookie.value or "" for cookie in self.cookies if cookie.name == "csrftoken"), "")


class Desk(Page):
    """An agent of the demo at a console."""

    def __init__(self, url: str, email: str) -> None:
        super().__init__(url)
        self.console_id = str(uuid.uuid4())
        self.get("/accounts/login/")
        self.form("/accounts/login/", login=email, password="alio-demo-2026")
        self.headers["X-Console"] = self.console_id
        self.form("/console/open")
        self.form("/console/presence", presence="available")

    def beat(self, call: str = "", generation: int = 0, packets: int = 0) -> None:
        fields: dict[str, object] = {"console_id": self.console_id}
        if call:
            fields |= {"call": call, "generation": generation, "packets": packets}
        self.form("/console/heartbeat", **fields)


class Phone(Page):
    """A caller's page."""

    def dial(self, line: str) -> str:
        said = self.json(f"/phone/{line}/calls", key=secrets.token_hex(16), name="Kristīne Ozoliņa", number="")
        self.headers["X-Call-Token"] = said["token"]
        return str(said["call"])

    def beat(self, call: str, generation: int = 0, packets: int = 0) -> dict[str, Any]:
        return self.json(f"/phone/calls/{call}/heartbeat", generation=generation, packets=packets)


@pytest.fixture
def checkout() -> Iterator[Checkout]:
    with private_directory() as directory:
        copy = Checkout(copy_checkout(directory / "alio"))
        copy.start()
        try:
            yield copy
        finally:
            copy.stop()


def talking(checkout: Checkout, agent: str, line: str = "sirds") -> tuple[Desk, Phone, str]:
    """An agent and a caller in a call."""
    url = f"http://127.0.0.1:{checkout.port}"
    desk, phone = Desk(url, agent), Phone(url)
    call = phone.dial(line)
    desk.form(f"/console/calls/{call}/claim")
    phone.beat(call, generation=1, packets=50)
    desk.beat(call, generation=1, packets=50)
    assert state_of(checkout, call) == "talking"
    return desk, phone, call


def state_of(checkout: Checkout, call: str) -> str:
    return str(checkout.ask("SELECT state FROM calls_call WHERE public_id = %s", call)[0][0])


def type_half_a_message(desk: Desk, call: str) -> None:
    form_key = str(uuid.uuid4())
    text = "Lūdz pārcelt vizīti no otrd"
    desk.form(
        f"/console/calls/{call}/draft", text=text, form_key=form_key, revision=3, caller_name="", caller_number=""
    )


def usage_of(checkout: Checkout, call: str) -> list[tuple[Any, ...]]:
    return checkout.ask(
        "SELECT revision, billable_seconds, talk_seconds FROM billing_usagerecord usage"
        " JOIN calls_call call ON call.id = usage.call_id WHERE call.public_id = %s",
        call,
    )


def kinds_of(checkout: Checkout, call: str) -> list[str]:
    query = "SELECT kind FROM calls_callevent e JOIN calls_call c ON c.id = e.call_id WHERE c.public_id = %s"
    return [kind for (kind,) in checkout.ask(f"{query} ORDER BY occurred_at", call)]


def test_calls_go_on_or_end_truthfully_after_everything_was_killed(checkout: Checkout) -> None:
    desk, phone, call = talking(checkout, "elena@alio.example")
    _left_desk, left_phone, left = talking(checkout, "tomas@alio.example", line="balte")
    left_phone.beat(left, generation=1, packets=90)
    type_half_a_message(desk, call)

    checkout.kill_everything()
    checkout.start()

    phone.beat(call, generation=1, packets=900)
    desk.beat(call, generation=1, packets=900)
    assert state_of(checkout, call) == "talking"
    assert "Lūdz pārcelt vizīti no otrd" in desk.get(f"/console/board?opened={call}")
    desk.form(f"/console/calls/{call}/end")
    desk.form(f"/console/calls/{call}/close", disposition="informed")
    wait_until(lambda: len(usage_of(checkout, call)) > 0, PATIENCE)
    [(revision, billed, talked)] = usage_of(checkout, call)
    assert (revision, billed) == (1, talked)
    assert kinds_of(checkout, call) == ["arrived", "queued", "claimed", "agent_joined", "agent_ended"]

    wait_until(lambda: state_of(checkout, left) not in ("talking", "connecting"), PATIENCE)
    [(ended, heard)] = checkout.ask(
        "SELECT call.ended_at, leg.heartbeat_at FROM calls_call call JOIN calls_callleg leg ON leg.call_id = call.id"
        " WHERE call.public_id = %s AND leg.party = 'caller'",
        left,
    )
    assert ended == heard.replace(microsecond=0)
