"""Publish to receipt over the live stream, with 50 and with 1,000 streams open on one process.

A baseline is measured in the same run: a bare Redis subscriber that gets the same messages, published the
same way. Streams and subscriber are read by this process, so its own work is part of every figure.
Everything is on loopback and started here. `python -m bench.streams`
"""

import asyncio
import contextlib
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from redis.asyncio import Redis

from answering.push.channels import agent_channel, agents_channel, redis_channel
from answering.push.publisher import Publisher
from answering.push.tickets import make_ticket
from answering.runtime.valkey import ValkeyServer

SECRET = "only-for-this-measurement-" + "x" * 30
STREAM_COUNTS = (50, 1000)
SINGLE_HINTS = 500
BROADCASTS = 20
HINTS_PER_SECOND = 100
BROADCASTS_PER_SECOND = 4
PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class Measurement:
    """One line of the report; milliseconds from the publisher's queue to the reader."""

    what: str
    streams: int
    received: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    rss_mb: float | None = None

    def __str__(self) -> str:
        rss = f"  {self.rss_mb:6.1f} MB" if self.rss_mb is not None else ""
        return (
            f"{self.what:<34}{self.streams:>6} streams {self.received:>7} received   "
            f"p50 {self.p50_ms:7.2f} ms   p95 {self.p95_ms:7.2f} ms   p99 {self.p99_ms:7.2f} ms{rss}"
        )


class Receipts:
    """Collects how long each message took; a message is the moment of its publishing."""

    def __init__(self) -> None:
        self.delays_ms: list[float] = []

    def note(self, data: bytes) -> None:
        self.delays_ms.append((time.perf_counter() - float(data)) * 1000)

    async def wait_for(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.delays_ms) < count:
                await asyncio.sleep(0.01)

    def measurement(self, what: str, streams: int, rss_mb: float | None = None) -> Measurement:
        ordered = sorted(self.delays_ms)
        p50, p95, p99 = (ordered[min(int(len(ordered) * part), len(ordered) - 1)] for part in (0.50, 0.95, 0.99))
        self.delays_ms.clear()
        return Measurement(what, streams, len(ordered), p50, p95, p99, rss_mb)


def run() -> list[Measurement]:
    """Measure and print; needs less than a minute."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory(prefix="alio-bench-") as name, valkey(Path(name)) as redis_url:
        measurements = [line for count in STREAM_COUNTS for line in asyncio.run(measure(redis_url, Path(name), count))]
    for line in measurements:
        print(line)
    return measurements


async def measure(redis_url: str, directory: Path, count: int) -> list[Measurement]:
    """Baseline, then single hints and broadcasts, with this many streams on a fresh process."""
    receipts = Receipts()
    publisher = Publisher(redis_url)
    results = []
    async with subscriber(redis_url, receipts):
        await publish_singly(publisher, redis_url, count)
        await receipts.wait_for(SINGLE_HINTS)
        results.append(receipts.measurement("baseline: bare Redis subscriber", 0))
    with live_process(redis_url, directory) as (port, rss):
        async with streams(port, count, receipts):
            await publish_singly(publisher, redis_url, count)
            await receipts.wait_for(SINGLE_HINTS)
            results.append(receipts.measurement("one hint to one stream", count, rss()))
            await broadcast(publisher, redis_url)
            await receipts.wait_for(BROADCASTS * count)
            results.append(receipts.measurement("one hint to all streams", count, rss()))
    return results


async def publish_singly(publisher: Publisher, redis_url: str, count: int) -> None:
    """Hints to one agent after another."""
    for number in range(SINGLE_HINTS):
        channel = redis_channel(agent_channel(number % count), redis_url)
        publisher.put(channel, repr(time.perf_counter()))
        await asyncio.sleep(1 / HINTS_PER_SECOND)


async def broadcast(publisher: Publisher, redis_url: str) -> None:
    """Hints to all agents at once."""
    for _ in range(BROADCASTS):
        publisher.put(redis_channel(agents_channel(), redis_url), repr(time.perf_counter()))
        await asyncio.sleep(1 / BROADCASTS_PER_SECOND)


@contextlib.asynccontextmanager
async def subscriber(redis_url: str, receipts: Receipts) -> AsyncIterator[None]:
    """A subscriber to everything, without any live process."""

    async def listen() -> None:
        async for message in pubsub.listen():
            if message["type"] == "pmessage":
                receipts.note(message["data"])

    async with Redis.from_url(redis_url, protocol=2) as redis, redis.pubsub() as pubsub:
        await pubsub.psubscribe(redis_channel("*", redis_url))
        task = asyncio.create_task(listen())
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@contextlib.asynccontextmanager
async def streams(port: int, count: int, receipts: Receipts) -> AsyncIterator[None]:
    """Open streams of one agent each, ready to receive."""
    ready = asyncio.Semaphore(0)
    tasks = [asyncio.create_task(read_stream(port, number, receipts, ready)) for number in range(count)]
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            for _ in tasks:
                await ready.acquire()
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def read_stream(port: int, number: int, receipts: Receipts, ready: asyncio.Semaphore) -> None:
    """Read one stream until cancelled, with no more work per line than a measurement needs."""
    ticket = make_ticket([agent_channel(number), agents_channel()], secret=SECRET)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"GET /live/?ticket={ticket} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        while line := await reader.readline():
            if line == b"event: ready\n":
                ready.release()
            elif line.startswith(b"data: ") and line[6:7].isdigit():
                receipts.note(line[6:])
    finally:
        writer.close()


@contextlib.contextmanager
def live_process(redis_url: str, directory: Path) -> Iterator[tuple[int, Callable[[], float]]]:
    """A granian with one worker: its port, and the memory of that worker in MB."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--no-ws", "--backlog", "4096"]
    command += ["--backpressure", "4096", "--host", "127.0.0.1", "--port", str(port), "answering.live:application"]
    environ = {**os.environ, "REDIS_URL": redis_url, "SECRET_KEY": SECRET, "PUBLIC_URL": "http://localhost"}
    with (directory / "live.log").open("wb") as log:
        process = subprocess.Popen(command, env=environ, stdout=log, stderr=log)
    try:
        wait_for_port(port)
        [worker] = psutil.Process(process.pid).children()
        yield port, lambda: worker.memory_info().rss / 1e6
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, path: str = "/live/healthz") -> None:
    """Return when the server answers; the live process does once it is connected to Redis."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as probe:
            probe.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
            if b" 200 " in probe.recv(100):
                return
        time.sleep(0.05)
    raise TimeoutError(f"Nothing answers on port {port}.")


@contextlib.contextmanager
def valkey(directory: Path) -> Iterator[str]:
    """A Valkey for this run alone."""
    server = ValkeyServer(directory / "valkey.sock", directory / "valkey", directory / "valkey.log", ends_with_us=True)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()


if __name__ == "__main__":
    run()
