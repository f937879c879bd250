"""Times of a day as a clock shows them."""

from datetime import datetime, time

from django import template
from django.utils import timezone

from answering.accounts.templatetags.formats import clock_time
from clients.models.calendars import clock_face

register = template.Library()
register.filter("clock_face", clock_face)


@register.filter
def closing_time(value: datetime) -> str:
    """When a part of a day ends: midnight is the end of it, not its beginning."""
    return "24:00" if timezone.localtime(value).time() == time.min else clock_time(value)
