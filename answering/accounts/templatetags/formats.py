"""How durations, phone numbers, money and moments are written on every screen and in every letter."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_currency
from django import template
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, parse

register = template.Library()
AGREED_DECIMALS = 6


@register.filter
def duration(seconds: int | timedelta | None) -> str:
    """67 → 1:07, 3667 → 1:01:07; a dash for None."""
    if seconds is None:
        return "–"
    whole = int(seconds.total_seconds()) if isinstance(seconds, timedelta) else int(seconds)
    hours, rest = divmod(max(whole, 0), 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"


@register.filter
def phone(number: object) -> str:
    """An E.164 number grouped as its country writes it; anything else as it is."""
    text = str(number or "")
    try:
        return format_number(parse(text), PhoneNumberFormat.INTERNATIONAL)
    except NumberParseException:
        return text


@register.filter
def money(amount: Decimal | None, currency: str = "EUR") -> str:
    """An amount in its currency, as the reader's language writes it; a dash for None."""
    return "–" if amount is None else str(format_currency(amount, currency, locale=_locale()))


@register.filter
def rate(amount: object, currency: str = "EUR") -> str:
    """A price per second or minute with all its decimals, at least two: 0.0150 €."""
    value = Decimal(str(amount))
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -AGREED_DECIMALS:
        value = value.normalize()  # a stored amount has 18 places, most of them empty
        exponent = value.as_tuple().exponent
    decimals = max(2, -exponent) if isinstance(exponent, int) else 2
    pattern = f"#,##0.{'0' * decimals} ¤"
    return str(format_currency(value, currency, format=pattern, locale=_locale(), currency_digits=False))


@register.filter
def moment(value: datetime | None) -> str:
    """Day and time in the reader's zone: "Today, 10:42", "Yesterday, 9:05", "22 Nov, 10:42"; a dash for None."""
    if value is None:
        return "–"
    local, today = timezone.localtime(value), timezone.localdate()
    time = clock_time(value)
    if local.date() == today:
        return _("Today, %(time)s") % {"time": time}
    if local.date() == today - timedelta(days=1):
        return _("Yesterday, %(time)s") % {"time": time}
    if local.date() == today + timedelta(days=1):
        return _("Tomorrow, %(time)s") % {"time": time}
    day = format_skeleton("MMMd" if local.year == today.year else "yMMMd", local, locale=_locale())
    return f"{day}, {time}"


@register.filter
def mid_sentence(text: str) -> str:
    """A moment that does not begin a sentence: "Today, 10:42" → "today, 10:42"."""
    return text[:1].lower() + text[1:]


@register.filter
def short_date(day: date) -> str:
    """Weekday and day: "Thu, 24 Dec"; with its year when that is another than this one's."""
    skeleton = "MMMEd" if day.year == timezone.localdate().year else "yMMMEd"
    return str(format_skeleton(skeleton, day, locale=_locale()))


@register.filter
def month_name(day: date) -> str:
    """December 2026."""
    return str(format_skeleton("yMMMM", day, locale=_locale()))


@register.filter
def full_moment(value: datetime | None) -> str:
    """Weekday, date and time in words, in the reader's zone."""
    if value is None:
        return "–"
    local = timezone.localtime(value)
    return f"{format_date(local, 'full', locale=_locale())}, {clock_time(value)}"


@register.filter
def day_or_moment(value: datetime | None) -> str:
    """Weekday and date in words, in the reader's zone; with the time unless that is midnight."""
    if value is None:
        return "–"
    local = timezone.localtime(value)
    day = str(format_date(local, "full", locale=_locale()))
    return day if (local.hour, local.minute) == (0, 0) else full_moment(value)


@register.filter
def clock_time(value: datetime | None) -> str:
    """10:42 in the reader's zone."""
    return "–" if value is None else str(format_time(timezone.localtime(value), "HH:mm", locale=_locale()))


@register.filter
def clock_second(value: datetime | None) -> str:
    """10:42:08 in the reader's zone."""
    return "–" if value is None else str(format_time(timezone.localtime(value), "HH:mm:ss", locale=_locale()))


@register.filter
def epoch(value: datetime | None) -> int | str:
    """Seconds since 1970, for timers that tick in the page; empty for None."""
    return "" if value is None else int(value.timestamp())


def _locale() -> str:
    return (get_language() or "en").split("-")[0]
