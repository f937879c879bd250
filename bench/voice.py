"""A signed voice webhook, whole: signature, line, caller, call, events, offer, TwiML.

Baseline on the same server in the same run: an empty view with one INSERT. First as many as the server can do, in
rounds that take turns, callers hanging up between them; then 50 a second, whatever each takes (open loop), and callers
hang up after two seconds, so that about a hundred wait at any time. Half of the callers are new to the client; of 50
agents 10 are free. The house has a month of calls behind it.
Everything is on loopback and started here. `python -m bench.voice`
"""

import asyncio
import contextlib
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import django

from bench.streams import Receipts, free_port, wait_for_port
from tests.servers import prepare_environment
from tests.twilio.signing import signed_post

if TYPE_CHECKING:
    from tests.cast import House

AGENTS, FREE = 50, 10
CONNECTIONS = 16
ROUNDS = 7
ROUND_SECONDS = 3
PER_SECOND = 50
SECONDS = 20
HANG_UP_AFTER = timedelta(seconds=2)
NUMBER = "+37167123456"
PUBLIC = "https://alio.example"
ACCOUNT, TOKEN = "AC" + "1" * 32, "2" * 32
PATIENCE_SECONDS = 30
PAST_CALLS = 5_000


@dataclass(frozen=True)
class Request:
    """What is sent, made before the clock starts."""

    path: str
    body: bytes
    headers: dict[str, str]

    def as_bytes(self, *, keep: bool = True) -> bytes:
        head = f"POST {self.path} HTTP/1.1\r\nHost: alio.example\r\nContent-Length: {len(self.body)}\r\n"
        head += "X-Forwarded-Proto: https\r\n" + ("" if keep else "Connection: close\r\n")
        head += "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        return head.encode() + b"\r\n" + self.body


def run() -> None:
    """Measure and print; needs about a minute and a half."""
    with tempfile.TemporaryDirectory(prefix="alio-bench-") as name:
        web = free_port()
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "bench.settings",
            "PUBLIC_URL": PUBLIC,
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "DEBUG": "on",
        }
        prepare_environment()
        django.setup()
        prepare_house()
        with web_process(Path(name), web):
            asyncio.run(measure(web))


def prepare_house() -> None:
    """An empty database with a line, its number and its agents."""
    from django.core.management import call_command
    from django.db import connection

    from answering.accounts.models import Agent, Presence
    from bench.urls import TABLE
    from tests.cast import make_agent, make_house

    call_command("migrate", verbosity=0)
    house = make_house(waiting_limit=timedelta(hours=1), offer_interval=timedelta(hours=1), number=NUMBER)
    agents = [make_agent(f"Agent {number}", clients=(house.client,)) for number in range(AGENTS - 1)]
    Agent.objects.filter(pk__in=[agent.pk for agent in agents[FREE - 1 :]]).update(presence=Presence.BREAK)
    write_history(house)
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
        cursor.execute("ANALYZE")


def write_history(house: "House") -> None:
    """Calls of the past, each offered once: PostgreSQL plans by what the tables hold."""
    from answering.accounts.models import Agent
    from answering.lib import clock
    from calls.models import Call, CallEvent, CallOffer
    from calls.services.book import whole_second

    began = whole_second(clock.epoch_second(clock.now() - timedelta(days=30)))
    agents = list(Agent.objects.values_list("pk", flat=True))
    calls = Call.objects.bulk_create(
        Call(
            client=house.client,
            line=house.line,
            carrier="twilio",
            carrier_call=f"CA{number:032x}",
            state="closed",
            outcome="abandoned",
            started_at=began + timedelta(minutes=number),
            state_since=began + timedelta(minutes=number),
            ended_at=began + timedelta(minutes=number),
            closed_at=began + timedelta(minutes=number),
        )
        for number in range(PAST_CALLS)
    )
    CallEvent.objects.bulk_create(
        CallEvent(call=call, kind=kind, occurred_at=call.started_at, carrier_event_key=f"{call.carrier_call}:{kind}")
        for call in calls
        for kind in ("arrived", "caller_left")
    )
    CallOffer.objects.bulk_create(
        CallOffer(call=call, agent_id=agents[call.pk % len(agents)], outcome="withdrawn", closed_at=call.ended_at)
        for call in calls
    )


@contextlib.contextmanager
def web_process(directory: Path, port: int) -> Iterator[None]:
    """The pages as `make run` starts them."""
    command = [sys.executable, "-m", "granian", "--no-ws", "--log-level", "warning", "--host", "127.0.0.1"]
    command += ["--interface", "wsgi", "--port", str(port), "--workers", "2", "--blocking-threads", "4"]
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen([*command, "answering.wsgi:application"], stdout=log, stderr=log)
        try:
            wait_for_port(port, "/healthz")
            yield
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)


async def measure(port: int) -> None:
    rates: dict[str, list[float]] = {"insert": [], "voice": []}
    for _round in range(ROUNDS):
        for name, found in rates.items():
            await pass_time(timedelta(0))
            found.append(await at_most_speed(port, name))
    async with house_alive():
        insert, voice = (median(rates[name]) for name in ("insert", "voice"))
        ratio = median(one / other for one, other in zip(rates["insert"], rates["voice"], strict=True))
        print(f"baseline: a view with one INSERT   {insert:8,.0f} requests/s (median of {ROUNDS} rounds)")
        print(f"voice webhook                      {voice:8,.0f} requests/s   baseline / voice {ratio:.2f}")
        for name in rates:
            receipts = Receipts()
            await at_rate(port, name, receipts)
            print(receipts.measurement(f"{name}, {PER_SECOND} a second, open loop", 0))


async def at_most_speed(port: int, name: str) -> float:
    """Requests a second over so many connections, each busy all the time."""
    requests = [make_request(name) for _ in range(6_000)]
    done = 0
    ends = time.perf_counter() + ROUND_SECONDS

    async def keep_busy() -> None:
        nonlocal done
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while requests and time.perf_counter() < ends:
            writer.write(requests.pop().as_bytes())
            await read_answer(reader)
            done += 1
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(keep_busy() for _ in range(CONNECTIONS)))
    return done / (time.perf_counter() - began)


async def at_rate(port: int, name: str, receipts: Receipts) -> None:
    """So many a second, each on a connection of its own, as webhooks come."""
    requests = [make_request(name).as_bytes(keep=False) for _ in range(PER_SECOND * SECONDS)]

    async def send(content: bytes) -> None:
        began = time.perf_counter()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(content)
        await read_answer(reader)
        receipts.delays_ms.append((time.perf_counter() - began) * 1000)
        writer.close()

    began, tasks = time.perf_counter(), []
    for number, content in enumerate(requests):
        await asyncio.sleep(max(0.0, began + number / PER_SECOND - time.perf_counter()))
        tasks.append(asyncio.create_task(send(content)))
    await asyncio.gather(*tasks)


def make_request(name: str) -> Request:
    if name == "insert":
        return Request("/bench/insert", b"", {})
    known = secrets.randbelow(2)
    number = f"+3712{secrets.randbelow(100):07d}" if known else f"+37120{secrets.randbelow(1_000_000):06d}"
    fields = {
        "AccountSid": ACCOUNT,
        "CallSid": "CA" + secrets.token_hex(16),
        "CallStatus": "ringing",
        "Direction": "inbound",
        "From": number,
        "To": NUMBER,
        "FromCountry": "LV",
    }
    body, headers = signed_post(TOKEN, f"{PUBLIC}/carriers/twilio/voice", fields)
    return Request("/carriers/twilio/voice", body, headers)


async def read_answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    if b" 20" not in lines[0]:
        raise RuntimeError(head.decode())
    length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
    if length:
        body = await reader.readexactly(length)
        if b"<Conference" not in body:
            raise RuntimeError(body.decode())


async def pass_time(patience: timedelta) -> None:
    """Agents are heard; callers hang up who have waited so long."""
    from django.db.models import F

    from answering.accounts.models import Agent
    from answering.lib import clock
    from calls.models import Call, CallOffer

    now = clock.now()
    await Agent.objects.aupdate(heartbeat_at=now)
    waiting = Call.objects.live().filter(ledger_changed_at__lte=now - patience)
    gone = [pk async for pk in waiting.values_list("pk", flat=True)]
    await Call.objects.filter(pk__in=gone).aupdate(
        state="closed", outcome="abandoned", ended_at=F("state_since"), next_action_at=None
    )
    await CallOffer.objects.filter(call__in=gone).aupdate(outcome="withdrawn", closed_at=now)


@contextlib.asynccontextmanager
async def house_alive() -> AsyncIterator[None]:
    """Time passes beside the block."""

    async def live() -> None:
        while True:
            await pass_time(HANG_UP_AFTER)
            await asyncio.sleep(0.5)

    task = asyncio.create_task(live())
    try:
        yield
    finally:
        if task.done():
            task.result()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


if __name__ == "__main__":
    run()
