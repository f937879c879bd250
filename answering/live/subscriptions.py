import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

SEND_TIMEOUT_SECONDS = 1
CONNECT_TIMEOUT_SECONDS = 2
PING_SECONDS = 5
SILENCE_SECONDS = 12
MESSAGES_IN_A_ROW = 32


@dataclass(frozen=True)
class Listener:
    """What a connection asks of and tells to those for whom it subscribes."""

    is_wanted: Callable[[bytes], bool]
    connected: Callable[[], None]
    confirmed: Callable[[bytes], None]
    received: Callable[[bytes, bytes], None]


class Subscriptions:
    """One connection to Redis, subscribed to just the channels that are wanted.

    A writer task sends changes, many channels in one command; a reader task hands out what comes. The
    connection always holds one channel of its own, so that it stays in the state where pub/sub is all
    it does.
    """

    def __init__(self, redis_url: str, home: bytes, listener: Listener) -> None:
        self._redis_url = redis_url
        self._home = home
        self._listener = listener
        self._touched: set[bytes] = set()
        self._changed = asyncio.Event()
        self._subscribed: set[bytes] = set()
        self._unconfirmed: Counter[bytes] = Counter()
        self._heard_at = 0.0

    def touch(self, names: Iterable[bytes]) -> None:
        """Look again whether these channels are wanted."""
        self._touched.update(names)
        self._changed.set()

    async def run(self) -> None:
        """Connect and serve until the connection is lost; then an exception group of what was found."""
        # The client's own time-outs are off: they use `asyncio.wait_for`, which before Python 3.12 may swallow
        # a cancellation (gh-86296), and a task that was told to end would go on for ever.
        redis = Redis.from_url(
            self._redis_url,
            protocol=2,
            socket_timeout=None,
            socket_connect_timeout=None,
            retry=Retry(NoBackoff(), 0),
        )
        async with redis, redis.pubsub() as pubsub, asyncio.TaskGroup() as tasks:
            async with asyncio.timeout(CONNECT_TIMEOUT_SECONDS):
                await pubsub.subscribe(self._home)
            self._heard_at = asyncio.get_running_loop().time()
            tasks.create_task(self._read(pubsub))
            tasks.create_task(self._write(pubsub))
            tasks.create_task(self._watch(pubsub))

    async def _read(self, pubsub: PubSub) -> None:
        loop = asyncio.get_running_loop()
        in_a_row = 0
        while True:
            message = await pubsub.get_message(timeout=None)
            self._heard_at = loop.time()
            if message is None:
                continue
            if message["type"] == "message":
                self._listener.received(message["channel"], message["data"])
            elif message["type"] == "subscribe":
                self._confirm(message["channel"])
            in_a_row += 1
            if in_a_row % MESSAGES_IN_A_ROW == 0:
                await asyncio.sleep(0)  # A burst must not fill buffers that nobody gets a chance to empty.

    def _confirm(self, name: bytes) -> None:
        if name == self._home:
            self._listener.connected()
            return
        # Redis answers in order: only the answer to the last SUBSCRIBE proves that nothing is missed.
        self._unconfirmed[name] -= 1
        if self._unconfirmed[name] <= 0:
            del self._unconfirmed[name]
            self._listener.confirmed(name)

    async def _write(self, pubsub: PubSub) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            touched, self._touched = self._touched, set()
            wanted = {name for name in touched if self._listener.is_wanted(name)}
            added = wanted - self._subscribed
            removed = (touched - wanted) & self._subscribed
            for name in wanted - added:
                if name not in self._unconfirmed:
                    self._listener.confirmed(name)
            self._subscribed = (self._subscribed | added) - removed
            self._unconfirmed.update(added)
            async with asyncio.timeout(SEND_TIMEOUT_SECONDS):
                if added:
                    await pubsub.subscribe(*added)
                if removed:
                    await pubsub.unsubscribe(*removed)

    async def _watch(self, pubsub: PubSub) -> None:
        """Notice a connection that is dead without saying so."""
        loop = asyncio.get_running_loop()
        while True:
            async with asyncio.timeout(SEND_TIMEOUT_SECONDS):
                await pubsub.ping()
            await asyncio.sleep(PING_SECONDS)
            if loop.time() - self._heard_at > SILENCE_SECONDS:
                raise ConnectionError("Redis is silent.")
