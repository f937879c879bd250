"""Is every part of the service there? Each check is bounded in time and says its finding in one line."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from answering.pulse.bounded import CheckFailed, run_bounded
from answering.pulse.freshness import FRESH_WITHIN
from answering.pulse.services import pulse_ages

CHECK_TIMEOUT_SECONDS = 2.5
BROKER_TIMEOUT_SECONDS = 0.3


@dataclass(frozen=True)
class Finding:
    is_ok: bool
    detail: str


def check_health() -> dict[str, Finding]:
    """What each part of the service is like: database, broker, worker, beat, dispatcher."""
    findings = {"database": Finding(True, "answers"), "broker": _broker()}
    try:
        ages = run_bounded(pulse_ages, timeout=CHECK_TIMEOUT_SECONDS)
    except CheckFailed as error:
        findings["database"] = Finding(False, str(error))
        return findings | dict.fromkeys(FRESH_WITHIN, Finding(False, "unknown without the database"))
    return findings | {name: _freshness(ages.get(name), limit) for name, limit in FRESH_WITHIN.items()}


def _broker() -> Finding:
    try:
        run_bounded(_ping_broker, timeout=CHECK_TIMEOUT_SECONDS)
    except CheckFailed as error:
        return Finding(False, str(error))
    return Finding(True, "answers")


def _ping_broker() -> None:
    timeout = BROKER_TIMEOUT_SECONDS
    with Redis.from_url(
        settings.REDIS_URL, socket_timeout=timeout, socket_connect_timeout=timeout, retry=Retry(NoBackoff(), 0)
    ) as redis:
        redis.ping()


def _freshness(age: timedelta | None, limit: timedelta) -> Finding:
    if age is None:
        return Finding(False, "has never been seen")
    return Finding(age <= limit, f"last seen {max(age.total_seconds(), 0):.1f} s ago")
