"""Hints: "call 5 changed, read it again", sent after commit, lost without harm.

A request only puts a hint into a bounded queue of its process. One daemon thread per process sends
the queue to Redis, so that a slow or dead Redis costs a request nothing.
"""

import atexit
import json
import os
import time
from collections.abc import Iterable

from django.conf import settings

from answering.lib.commit import after_commit
from answering.push.channels import redis_channel
from answering.push.publisher import Publisher

EXIT_FLUSH_SECONDS = 0.5

_publishers: dict[str, Publisher] = {}


def hint(channel: str, kind: str, **ids: str | int) -> None:
    """Tell the browsers on a channel that something changed; returns at once and never raises for Redis.

    Inside a transaction use `hint_on_commit`: a browser that reads too early reads the old state.
    """
    redis_url = settings.REDIS_URL
    message = json.dumps({"kind": kind, **ids}, separators=(",", ":"))
    _publisher(redis_url).put(redis_channel(channel, redis_url), message)


def hint_on_commit(channel: str, kind: str, **ids: str | int) -> None:
    """The same once the current transaction has committed; at once when there is none."""
    after_commit(hint, channel, kind, **ids)


def hints_on_commit(channels: Iterable[str], kind: str, **ids: str | int) -> None:
    """The same for several channels."""
    after_commit(_hint_all, tuple(channels), kind, ids)


def _hint_all(channels: tuple[str, ...], kind: str, ids: dict[str, str | int]) -> None:
    for channel in channels:
        hint(channel, kind, **ids)


def flush(timeout: float) -> bool:
    """Wait until this process's hints have been sent or dropped; False if that took longer (seconds)."""
    deadline = time.monotonic() + timeout
    return all(publisher.flush(max(deadline - time.monotonic(), 0)) for publisher in list(_publishers.values()))


def _publisher(redis_url: str) -> Publisher:
    # setdefault is atomic; a Publisher that lost the race has no thread yet and is simply forgotten.
    return _publishers.get(redis_url) or _publishers.setdefault(redis_url, Publisher(redis_url))


# A forked child has none of its parent's threads, and must not send the parent's hints a second time.
os.register_at_fork(after_in_child=_publishers.clear)
atexit.register(flush, EXIT_FLUSH_SECONDS)
