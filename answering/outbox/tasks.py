from celery import shared_task

from answering.outbox import services, sms


@shared_task
def deliver_due() -> int:
    """Send the e-mails that are due; by beat every 10 s, and at once after something was queued."""
    return services.deliver_due()


@shared_task
def deliver_sms_due() -> int:
    """Send the SMS that are due; a task of its own, so that neither channel waits for the other."""
    return sms.deliver_sms_due()
