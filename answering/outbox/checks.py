from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from answering.outbox.leases import BUSY_SECONDS, LEASE


@register("outbox")
def lease_outlives_worker(**kwargs: Any) -> list[CheckMessage]:
    """A delivery may only be taken again when the worker that holds it is surely gone."""
    limit = getattr(settings, "CELERY_TASK_TIME_LIMIT", None)
    if limit is not None and BUSY_SECONDS < limit < LEASE.total_seconds():
        return []
    return [
        Error(
            "A worker may still be sending a message when another takes it up.",
            hint=f"Set CELERY_TASK_TIME_LIMIT between {BUSY_SECONDS:g} and {LEASE.total_seconds():g} seconds.",
            id="outbox.E001",
        )
    ]
