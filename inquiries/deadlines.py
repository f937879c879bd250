"""By when a reply is owed. A calendar that cannot say must not cost the request."""

from datetime import datetime, timedelta

import structlog

from answering.lib.worktime import WorkTimeError
from clients.models import Calendar, Client, Provider

log = structlog.get_logger(__name__)


def client_deadline(client: Client, start: datetime) -> datetime:
    """When the client company owes its reply, in UTC; on the service's own calendar where theirs has no such moment."""
    return _deadline((client.calendar, client.provider.calendar), client.response_target, start)


def provider_deadline(provider: Provider, target: timedelta, start: datetime) -> datetime:
    """When the service itself owes its reply, in UTC; around the clock where its calendar has no such moment."""
    return _deadline((provider.calendar,), target, start)


def _deadline(calendars: tuple[Calendar, ...], target: timedelta, start: datetime) -> datetime:
    for calendar in calendars:
        try:
            return calendar.work_calendar().add(start, target)
        except (WorkTimeError, NotImplementedError) as error:  # `holidays` raises the latter for an unknown country
            log.error("inquiry.calendar_unfit", calendar=calendar.pk, error=str(error))
    return start + target
