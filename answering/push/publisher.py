import threading
import time
from collections import deque

import structlog
from prometheus_client import Counter
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

QUEUE_LIMIT = 10_000
BATCH_LIMIT = 500
REDIS_TIMEOUT_SECONDS = 0.3

log = structlog.get_logger(__name__)

SENT = Counter("alio_hints_sent_total", "Hints handed to Redis")
DROPPED = Counter("alio_hints_dropped_total", "Hints that no browser got", ["reason"])


class Publisher:
    """A bounded queue of messages and the thread that sends them to one Redis.

    The thread starts with the first message. Public members may be called from any thread.
    """

    def __init__(self, redis_url: str, *, limit: int = QUEUE_LIMIT) -> None:
        self.dropped = 0
        self._redis = Redis.from_url(
            redis_url,
            socket_timeout=REDIS_TIMEOUT_SECONDS,
            socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
            # One more try at once: the connection may have died since the pool last looked at it.
            retry=Retry(NoBackoff(), 1),
        )
        self._queue: deque[tuple[str, str]] = deque()
        self._limit = limit
        self._sending = 0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_out = False

    def put(self, channel: str, message: str) -> None:
        """Queue a message; when the queue is full the oldest one gives way, for the newest says most."""
        with self._changed:
            if len(self._queue) >= self._limit:
                self._queue.popleft()
                self._count_dropped(1, "full")
            self._queue.append((channel, message))
            self._changed.notify_all()
            if self._thread is None:
                self._start()

    def flush(self, timeout: float) -> bool:
        """Wait until nothing is queued or under way; False when the time-out (seconds) came first."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while self._queue or self._sending:
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    return False
                self._changed.wait(remaining)
        return True

    def _start(self) -> None:
        thread = threading.Thread(target=self._run, name="hints", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # no thread to be had, or the interpreter is ending
            log.warning("hints_not_started", error=str(error))
        else:
            self._thread = thread

    def _run(self) -> None:
        while True:
            batch = self._take()
            try:
                self._send(batch)
            except Exception:  # the loop must outlive whatever one batch does
                log.exception("hints_failed", dropped=len(batch))
            finally:
                with self._changed:
                    self._sending = 0
                    self._changed.notify_all()

    def _take(self) -> list[tuple[str, str]]:
        with self._changed:
            self._changed.wait_for(lambda: self._queue)
            batch = [self._queue.popleft() for _ in range(min(len(self._queue), BATCH_LIMIT))]
            self._sending = len(batch)
        # The same hint twice in one batch says nothing more: it is sent after both commits.
        return list(dict.fromkeys(batch))

    def _send(self, batch: list[tuple[str, str]]) -> None:
        try:
            with self._redis.pipeline(transaction=False) as pipeline:
                for channel, message in batch:
                    pipeline.publish(channel, message)
                pipeline.execute()
        except (RedisError, OSError) as error:
            self._count_dropped(len(batch), "redis")
            if not self._is_out:
                log.warning("hints_outage", error=str(error))
            self._is_out = True
            return
        SENT.inc(len(batch))
        if self._is_out:
            log.info("hints_recovered", dropped=self.dropped)
        self._is_out = False

    def _count_dropped(self, count: int, reason: str) -> None:
        with self._changed:
            self.dropped += count
        DROPPED.labels(reason).inc(count)
