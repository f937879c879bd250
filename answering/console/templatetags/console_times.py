"""Short forms of days and times, for the console's narrow columns and sentences."""

from datetime import datetime, timedelta

from babel.dates import format_date, format_datetime
from django import template
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

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


@register.filter
def by_when(value: datetime) -> str:
    """A moment inside a sentence: 20:16 today, "tomorrow 9:05", "yesterday 9:05", 24 Nov, 9:05."""
    local, today = timezone.localtime(value), timezone.localdate()
    time = str(format_datetime(local, "HH:mm", locale=_locale()))
    if local.date() == today:
        return time
    if local.date() == today + timedelta(days=1):
        return _("tomorrow %(time)s") % {"time": time}
    if local.date() == today - timedelta(days=1):
        return _("yesterday %(time)s") % {"time": time}
    return str(format_datetime(local, "d MMM, HH:mm", locale=_locale()))


def _locale() -> str:
    return (get_language() or "en").split("-")[0]
