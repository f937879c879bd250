from celery import shared_task

from billing import services


@shared_task
def rate_call(call_id: int) -> None:
    """Price one closed call; twice is once."""
    services.rate_call(call_id)


@shared_task
def rate_closed_calls() -> int:
    """Sweep for closed calls not priced as they stand; by beat."""
    return services.rate_closed_calls()
