from typing import Any

import structlog
from celery.signals import before_task_publish
from django.db import Error, connection

from answering.pulse.services import beat_pulse
from answering.pulse.tasks import SCHEDULED_GAP, pulse_worker

log = structlog.get_logger(__name__)


def pulse_on_publish(**kwargs: Any) -> None:
    """In beat's process: whenever its schedule sends the worker's pulse, beat itself is alive."""
    before_task_publish.connect(_pulse_beat, sender=pulse_worker.name, dispatch_uid="answering.pulse.beat")


def _pulse_beat(**kwargs: Any) -> None:
    try:
        beat_pulse("beat", gap=SCHEDULED_GAP)
    except Error as error:
        connection.close()
        log.warning("pulse_outage", service="beat", error=str(error).strip())
    finally:
        connection.close_if_unusable_or_obsolete()
