from celery import shared_task

from billing import services


@shared_task
def rate_call(call_id: int) -> None:
    """Price one closed call; twice is once."""
    services.rate_call(call_id)


@shared_task
def rate_closed_calls() -> int:
    """Sweep for calls closed or changed of late and not priced as they stand; by beat."""
    return services.rate_recent_calls()


@shared_task
def rate_forgotten_calls() -> int:
    """Sweep for all others, as where the tariff came after the call; by beat, rarely, and after a new tariff."""
    return services.rate_closed_calls()
