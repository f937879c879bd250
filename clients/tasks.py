from celery import shared_task

from clients.imports import work
from clients.services import announcements, contracts


@shared_task
def tell_of_changes() -> int:
    """Tell new owners of what is to change and remind who has not confirmed; by beat, twice is once."""
    return announcements.tell_new_owners() + announcements.send_reminders()


@shared_task
def put_terms_in_force() -> int:
    """Let terms hold whose day has come; by beat, twice is once."""
    return contracts.put_terms_in_force()


@shared_task
def carry_on_imports() -> int:
    """Sweep for imports of contacts that nobody is busy with; by beat, and at once when somebody begins one."""
    return work.carry_on()


@shared_task
def forget_imports() -> int:
    """Delete files and rows of imports that are no longer needed; by beat, rarely."""
    return work.forget()
