from celery import shared_task

from answering.outbox import services


@shared_task
def deliver_due() -> int:
    """Send what is due; by beat every 10 s, and at once after something was queued."""
    return services.deliver_due()
