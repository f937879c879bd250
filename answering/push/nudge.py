import structlog
from celery import Task
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def nudge(task: Task, *ids: int) -> None:  # type: ignore[type-arg]
    """Tell a worker that a row awaits it; never raises for the broker, since a sweep finds the row anyway."""
    try:
        task.apply_async(ids, ignore_result=True)
    except (OperationalError, OSError) as error:
        log.warning("nudge.broker_away", task=task.name, error=str(error)[:200])
