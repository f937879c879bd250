"""The words of an announcement in each language, and the letters that carry them."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from answering.accounts.models import Language, User
from answering.accounts.templatetags.formats import day_or_moment
from answering.outbox.text import one_line, plain_text
from clients.models import Announcement, AnnouncementKind, AnnouncementText

SUBJECT_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changes, in the language in force; an empty `old` or `new` was or will be not there."""

    label: str
    old: str
    new: str


# What changes, in the language that is in force when it is asked.
Describe = Callable[[], Sequence[Change]]


def no_figures() -> Sequence[Change]:
    """For what is told in words only."""
    return ()


@dataclass(frozen=True, slots=True)
class Wording:
    """What is said of a change: figures, and words of the author by language."""

    describe: Describe = no_figures
    notes: Mapping[str, str] | None = None

    def note(self, language: str, otherwise: str) -> str:
        """The author's words in this language, else in the other, else in whichever there are."""
        given = {code: text.strip() for code, text in (self.notes or {}).items() if text.strip()}
        return given.get(language) or given.get(otherwise) or next(iter(given.values()), "")


def write_texts(announcement: Announcement, wording: Wording) -> list[AnnouncementText]:
    """The announcement in every language, not saved: an owner who comes later may read another one."""
    return [_write(announcement, wording, language) for language in Language.values]


def _write(announcement: Announcement, wording: Wording, language: str) -> AnnouncementText:
    client = announcement.client
    with translation.override(language), timezone.override(ZoneInfo(client.time_zone)):
        subject = one_line(_subject(announcement), SUBJECT_LIMIT)
        context = {
            "announcement": announcement,
            "changes": wording.describe(),
            "note": wording.note(language, client.language),
            "effective": day_or_moment(announcement.effective_at),
        }
        body = plain_text(render_to_string("mail/announcement.txt", context)).strip() + "\n"
    return AnnouncementText(
        announcement=announcement, language=language, subject=subject, body=body, digest=digest_of(subject, body)
    )


def _subject(announcement: Announcement) -> str:
    day = day_or_moment(announcement.effective_at)
    if announcement.kind == AnnouncementKind.PRICES:
        return _("Your prices change: %(day)s") % {"day": day}
    return _("Your contract changes: %(day)s") % {"day": day}


def digest_of(subject: str, body: str) -> str:
    """By which it can be shown later that these were the words."""
    return hashlib.sha256(f"{subject}\n\n{body}".encode()).hexdigest()


def letter_to(reader: User, text: AnnouncementText, *, is_reminder: bool = False) -> tuple[str, str]:
    """Subject and plain-text body of the e-mail, in the language of the text."""
    with translation.override(text.language):
        subject = _("Reminder: %(subject)s") % {"subject": text.subject} if is_reminder else text.subject
        context = {"reader": reader, "text": text, "is_reminder": is_reminder, "portal_url": portal_url(text)}
        return subject, render_to_string("mail/announcement_letter.txt", context)


def portal_url(text: AnnouncementText) -> str:
    """Where it is confirmed. The address is part of the portal's."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/portal/terms/{text.announcement.public_id}/"
