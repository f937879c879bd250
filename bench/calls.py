"""From a caller's request to the hint at the agent's stream: 10 new calls a second, 50 agents listening.

Scripted HTTP clients, no media. The clock starts before the caller's POST is sent and stops when the agent
to whom the call is offered reads the hint, so the whole way is in it: HTTP, line, call, events, offer,
commit, Redis, stream. Baseline in the same run, at the same rate: a POST to /healthz, which does nothing.
Everything is on loopback and started here. `python -m bench.calls`
"""

import asyncio
import contextlib
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

from bench.streams import Measurement, Receipts, free_port, wait_for_port
from tests.servers import prepare_environment

AGENTS = 50
CALLS_PER_SECOND = 10
SECONDS = 20
PATIENCE_SECONDS = 30
HEARTBEAT_SECONDS = 5


@dataclass(slots=True)
class Board:
    """Who waits for which hint: the moment a call was asked for, by its id once the answer names it."""

    asked_at: dict[str, float] = field(default_factory=dict)
    hinted_at: dict[str, float] = field(default_factory=dict)


def run() -> list[Measurement]:
    """Measure and print; needs about a minute."""
    with tempfile.TemporaryDirectory(prefix="alio-bench-") as name:
        web, live = free_port(), free_port()
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "answering.settings",
            "LIVE_URL": f"http://127.0.0.1:{live}/live/",
            "PUBLIC_URL": f"http://127.0.0.1:{web}",
            "CALLS_PER_ADDRESS": "1000000",
            "WAITING_PER_LINE": "1000000",
            "DEBUG": "on",
        }
        prepare_environment()
        django.setup()
        slug, agents = prepare_house()
        with processes(Path(name), web, live):
            results = asyncio.run(measure(web, live, slug, agents))
    for line in results:
        print(line)
    return results


def prepare_house() -> tuple[str, list[int]]:
    """Migrate an empty database and fill it with a line and its agents; gives the slug and the agents' ids."""
    from django.core.management import call_command

    from tests.cast import make_agent, make_house

    call_command("migrate", verbosity=0)
    house = make_house(waiting_limit=timedelta(hours=1), offer_interval=timedelta(hours=1))
    agents = [house.agent, *(make_agent(f"Agent {n}", clients=(house.client,)) for n in range(AGENTS - 1))]
    return house.line.slug, [agent.pk for agent in agents]


@contextlib.contextmanager
def processes(directory: Path, web: int, live: int) -> Iterator[None]:
    """The web and live processes as `make run` starts them."""
    granian = [sys.executable, "-m", "granian", "--no-ws", "--log-level", "warning", "--host", "127.0.0.1"]
    commands = [
        [*granian, "--interface", "wsgi", "--port", str(web), "--workers", "2", "--blocking-threads", "4"],
        [*granian, "--interface", "asgi", "--port", str(live)],
    ]
    targets = ["answering.wsgi:application", "answering.live:application"]
    with (directory / "log").open("wb") as log:
        started = [
            subprocess.Popen([*command, target], stdout=log, stderr=log)
            for command, target in zip(commands, targets, strict=True)
        ]
        try:
            wait_for_port(live)
            wait_for_port(web, "/healthz")
            yield
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.wait(PATIENCE_SECONDS)


async def measure(web: int, live: int, slug: str, agents: Sequence[int]) -> list[Measurement]:
    """The baseline, then the calls, with all streams open."""
    board, receipts = Board(), Receipts()
    async with streams(live, agents, board), heartbeats():
        await at_rate(lambda: timed(web, receipts))
        baseline = receipts.measurement("baseline: POST that does nothing", AGENTS)
        await at_rate(lambda: call_and_hang_up(web, slug, board))
        await all_hinted(board)
    answers = [board.hinted_at[call] - asked for call, asked in board.asked_at.items()]
    receipts.delays_ms.extend(delay * 1000 for delay in answers)
    return [baseline, receipts.measurement("call created to hint", AGENTS)]


async def at_rate(action: Any) -> None:
    """Start the action so many times a second, whatever each takes (open loop), and wait for all."""
    began, tasks = time.perf_counter(), []
    for number in range(CALLS_PER_SECOND * SECONDS):
        await asyncio.sleep(max(0.0, began + number / CALLS_PER_SECOND - time.perf_counter()))
        tasks.append(asyncio.create_task(action()))
    await asyncio.gather(*tasks)


async def timed(web: int, receipts: Receipts) -> None:
    began = time.perf_counter()
    await post(web, "/healthz", {})
    receipts.delays_ms.append((time.perf_counter() - began) * 1000)


async def call_and_hang_up(web: int, slug: str, board: Board) -> None:
    """Call, wait a second, hang up: some ten calls wait at any time."""
    began = time.perf_counter()
    key = secrets.token_hex(16)
    answer = await post(web, f"/phone/{slug}/calls", {"key": key, "name": "", "number": ""})
    board.asked_at[answer["call"]] = began
    await asyncio.sleep(1)
    path = f"/phone/calls/{answer['call']}/hang-up"
    await post(web, path, {"key": str(uuid.uuid4()), "ago_ms": 0}, token=answer["token"])


async def post(web: int, path: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
    """One request on a connection of its own, as a browser's first one is."""
    payload = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{web}\r\nOrigin: http://127.0.0.1:{web}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(payload)}\r\nConnection: close\r\n"
    head += f"X-Call-Token: {token}\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", web)
    writer.write(head.encode() + payload)
    answer = await reader.read()
    writer.close()
    status, _, content = answer.partition(b"\r\n\r\n")
    if b" 20" not in status.split(b"\r\n", 1)[0] and path != "/healthz":
        raise RuntimeError(f"{path}: {answer[:500]!r}")
    return dict(json.loads(content)) if content.startswith(b"{") else {}


async def all_hinted(board: Board) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while any(call not in board.hinted_at for call in board.asked_at):
            await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def heartbeats() -> AsyncIterator[None]:
    """Keep all agents heard, as their consoles would."""
    from answering.accounts.models import Agent
    from answering.lib import clock

    async def beat() -> None:
        while True:
            await Agent.objects.aupdate(heartbeat_at=clock.now())
            await asyncio.sleep(HEARTBEAT_SECONDS)

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@contextlib.asynccontextmanager
async def streams(live: int, agents: Sequence[int], board: Board) -> AsyncIterator[None]:
    """Every agent's stream, open and ready."""
    ready = asyncio.Semaphore(0)
    tasks = [asyncio.create_task(listen(live, agent, board, ready)) for agent in agents]
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            for _ in tasks:
                await ready.acquire()
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def listen(live: int, agent: int, board: Board, ready: asyncio.Semaphore) -> None:
    """Note when the first offer of each call comes to any agent."""
    from django.conf import settings

    from answering.push.channels import agent_channel, agents_channel
    from answering.push.tickets import make_ticket

    ticket = make_ticket([agent_channel(agent), agents_channel()], secret=settings.SECRET_KEY)
    reader, writer = await asyncio.open_connection("127.0.0.1", live)
    try:
        writer.write(f"GET /live/?ticket={ticket} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        while line := await reader.readline():
            if line == b"event: ready\n":
                ready.release()
            elif line.startswith(b"data: {") and b'"offer"' in line:
                board.hinted_at.setdefault(json.loads(line[6:])["call"], time.perf_counter())
    finally:
        writer.close()


if __name__ == "__main__":
    run()
