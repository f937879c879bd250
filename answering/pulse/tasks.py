from datetime import timedelta

from celery import shared_task

from answering.pulse.services import beat_pulse

# The schedule beats every few seconds and a queue may be long: only a minute's silence is an outage.
SCHEDULED_GAP = timedelta(seconds=60)


@shared_task(ignore_result=True)
def pulse_worker() -> None:
    """Prove that broker and worker are alive: this ran, so both are."""
    beat_pulse("worker", gap=SCHEDULED_GAP)
