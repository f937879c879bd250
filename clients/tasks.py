from celery import shared_task

from clients.imports import work


@shared_task
def carry_on_imports() -> int:
    """Sweep for imports of contacts that nobody is busy with; by beat, and at once when somebody begins one."""
    return work.carry_on()


@shared_task
def forget_imports() -> int:
    """Delete files and rows of imports that are no longer needed; by beat, rarely."""
    return work.forget()
