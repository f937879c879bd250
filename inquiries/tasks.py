from celery import shared_task

from inquiries import services
from inquiries.recomputing import recompute_deadlines


@shared_task
def request_call_backs() -> int:
    """Sweep for lost calls without a request; by beat, in case a process died between the two.

    And for requests of calls that were not lost after all.
    """
    services.withdraw_needless_call_backs()
    return services.request_missing_call_backs()


@shared_task
def request_from_texts() -> int:
    """Sweep for SMS without a request; by beat, in case a process died between the two."""
    return services.request_from_missing_texts()


@shared_task
def follow_changed_hours() -> int:
    """Sweep for calendars and targets that were changed; by beat."""
    return recompute_deadlines()
