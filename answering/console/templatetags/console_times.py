"""Short forms of days and times, for the console's narrow columns."""

from datetime import datetime

from babel.dates import format_date, format_datetime
from django import template
from django.utils import timezone
from django.utils.translation import get_language

register = template.Library()


@register.filter
def day(value: datetime) -> str:
    """22 Nov in the reader's zone and language."""
    return str(format_date(timezone.localdate(value), "d MMM", locale=_locale()))


@register.filter
def weekday_time(value: datetime) -> str:
    """13:00 today, Mon 9:00 on another day."""
    local = timezone.localtime(value)
    pattern = "HH:mm" if local.date() == timezone.localdate() else "EEE HH:mm"
    return str(format_datetime(local, pattern, locale=_locale()))


def _locale() -> str:
    return (get_language() or "en").split("-")[0]
