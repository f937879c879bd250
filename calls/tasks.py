from celery import shared_task

from calls.carriers.twilio import enquiries


@shared_task
def ask_about_callers() -> int:
    """Ask the network about callers of whom nothing has been heard for a minute; by beat."""
    return enquiries.ask_about_callers()
