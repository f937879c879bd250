"""Short forms of days and times, for the console's narrow columns and sentences."""

from datetime import datetime, timedelta

from babel.dates import format_date, format_datetime, format_skeleton
from django import template
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

register = template.Library()
# Where CLDR's short form is figures only.
DAY_IN_SENTENCE = {"lt": "MMMM d 'd'."}


@register.filter
def day(value: datetime) -> str:
    """22 Nov in the reader's zone and language."""
    return str(format_skeleton("MMMd", timezone.localdate(value), locale=_locale()))


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
    in_sentence = DAY_IN_SENTENCE.get(_locale())
    day = (
        format_date(local, in_sentence, locale=_locale())
        if in_sentence
        else format_skeleton("MMMd", local, locale=_locale())
    )
    return f"{day}, {time}"


def _locale() -> str:
    return (get_language() or "en").split("-")[0]
