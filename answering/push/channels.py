"""Names of what a browser can listen to, and of the Redis channels behind them."""

from functools import lru_cache
from uuid import UUID

from redis.connection import parse_url


def agent_channel(agent_id: int) -> str:
    """Offers to one agent, and the newer console that took theirs over."""
    return f"agent:{agent_id}"


def call_channel(call_public_id: UUID | str) -> str:
    """One call: for the caller's page, the agent's and whoever watches it."""
    return f"call:{call_public_id}"


def client_channel(client_id: int) -> str:
    """One client company's portal."""
    return f"client:{client_id}"


def desk_channel() -> str:
    """The supervisors' live board."""
    return "desk"


def agents_channel() -> str:
    """All consoles: the queue changed."""
    return "agents"


@lru_cache(maxsize=64)
def redis_prefix(redis_url: str) -> str:
    """What this installation's Redis channels begin with.

    Redis pub/sub ignores the number of the database (redis.io, "Database & Scoping"), so that number
    is part of the name: two installations, or two test workers, on one server do not hear each other.
    """
    return f"alio{parse_url(redis_url).get('db', 0)}"  # type: ignore[no-untyped-call]


def redis_channel(channel: str, redis_url: str) -> str:
    """The Redis name of a channel."""
    return f"{redis_prefix(redis_url)}:{channel}"
