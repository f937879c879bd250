"""When a line opens, as its callers read it: in the line's zone, in the language that is active."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from answering.accounts.templatetags.formats import clock_time
from answering.lib import clock
from calls.errors import LineClosed
from calls.services.inbound import check_open
from clients.models import Line


@dataclass(frozen=True, slots=True)
class Hours:
    """Whether a line is answered now; `sentence` says when it opens next, or is empty while it is open."""

    is_open: bool
    sentence: str


def hours_now(line: Line) -> Hours:
    """The line's hours at this moment."""
    try:
        check_open(line)
    except LineClosed as closed:
        return Hours(is_open=False, sentence=opening_text(line, closed.opens_at))
    return Hours(is_open=True, sentence="")


# A day as it is written and, by telephone, read aloud; CLDR's patterns.
DAY_ALOUD = {"en": "EEEE, d MMMM", "lv": "EEEE, d. MMMM", "lt": "EEEE, MMMM d 'diena'", "el": "EEEE d MMMM"}


def opening_text(line: Line, opens_at: datetime | None) -> str:
    """A sentence with day and time of the next opening."""
    if opens_at is None:
        return _("It is not known yet when we open again.")
    with timezone.override(ZoneInfo(line.calendar.time_zone)):
        return _opening_sentence(timezone.localtime(opens_at), timezone.localtime(clock.now()))


def _opening_sentence(opens: datetime, now: datetime) -> str:
    time = clock_time(opens)
    days = (opens.date() - now.date()).days
    if days == 0:
        return _("We open again today at %(time)s.") % {"time": time}
    if days == 1:
        return _("We open again tomorrow at %(time)s.") % {"time": time}
    language = (translation.get_language() or "en").split("-")[0]
    day = format_date(opens, DAY_ALOUD.get(language, DAY_ALOUD["en"]), locale=language)
    return _("We open again on %(day)s at %(time)s.") % {"day": day, "time": time}
