from celery import shared_task

from clients.services import announcements, contracts


@shared_task
def tell_of_changes() -> int:
    """Tell new owners of what is to change and remind who has not confirmed; by beat, twice is once."""
    return announcements.tell_new_owners() + announcements.send_reminders()


@shared_task
def put_terms_in_force() -> int:
    """Let terms hold whose day has come; by beat, twice is once."""
    return contracts.put_terms_in_force()
