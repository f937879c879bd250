import structlog
from prometheus_client import Counter
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from answering.push.outgoing import Outgoing

QUEUE_LIMIT = 10_000
REDIS_TIMEOUT_SECONDS = 0.3

log = structlog.get_logger(__name__)

SENT = Counter("alio_hints_sent_total", "Hints handed to Redis")
DROPPED = Counter("alio_hints_dropped_total", "Hints that no browser got", ["reason"])


class Publisher(Outgoing[tuple[str, str]]):
    """Sends messages to the channels of one Redis, in batches."""

    name = "hints"
    batch_limit = 500

    def __init__(self, redis_url: str, *, limit: int = QUEUE_LIMIT) -> None:
        super().__init__(limit=limit)
        self.dropped = 0
        self._redis = Redis.from_url(
            redis_url,
            socket_timeout=REDIS_TIMEOUT_SECONDS,
            socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
            # One more try at once: the connection may have died since the pool last looked at it.
            retry=Retry(NoBackoff(), 1),
        )
        self._is_out = False

    def put(self, channel: str, message: str) -> None:
        """Queue a message for a channel."""
        self.add((channel, message))

    def send(self, batch: list[tuple[str, str]]) -> None:
        """One pipeline; with Redis away the hints are dropped, said once per outage."""
        try:
            with self._redis.pipeline(transaction=False) as pipeline:
                for channel, message in batch:
                    pipeline.publish(channel, message)
                pipeline.execute()
        except (RedisError, OSError) as error:
            self.note_dropped(len(batch), "redis")
            if not self._is_out:
                log.warning("hints_outage", error=str(error))
            self._is_out = True
            return
        SENT.inc(len(batch))
        if self._is_out:
            log.info("hints_recovered", dropped=self.dropped)
        self._is_out = False

    def note_dropped(self, count: int, reason: str) -> None:
        """Count them, for the operator."""
        with self._changed:
            self.dropped += count
        DROPPED.labels(reason).inc(count)
