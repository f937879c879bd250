"""Tell the owners of a company what will change, remind them, and keep that they have read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.db import transaction
from django.db.models import Q

from answering.accounts.models import User
from answering.lib import clock
from answering.lib.commit import after_commit
from answering.lib.worktime import CalendarEmpty, WorkCalendar
from answering.outbox.models import Delivery, DeliveryQuerySet, DeliveryState
from answering.outbox.services import queue_email
from answering.outbox.tasks import deliver_due
from answering.outbox.text import one_line
from answering.push.nudge import nudge
from clients.announcement_text import Wording, letter_to, write_texts
from clients.errors import BeginningInvalid, NothingChanges, NoticeTooShort, TextUnknown
from clients.models import (
    Acknowledgement,
    Announcement,
    AnnouncementCopy,
    AnnouncementKind,
    AnnouncementText,
    Client,
    Membership,
)

log = structlog.get_logger(__name__)

REMINDER_WORKING_DAYS = 3
SEARCHED_DAYS = 60
REASON_LIMIT = 300
DAY = timedelta(days=1)
FURTHEST = 5 * 366 * DAY


@dataclass(frozen=True, slots=True)
class Announced:
    """What is to be told: by whom, from when on; `reason` says why sooner than agreed, and the owners read it."""

    effective_at: datetime
    author: User | None
    wording: Wording
    reason: str = ""


def earliest_effect(client: Client) -> datetime:
    """The midnight, in the client's zone, by which the notice agreed has passed when it is given now.

    The day on which notice is given does not count (as in Regulation (EEC, Euratom) No 1182/71, article 3).
    """
    today = clock.now().astimezone(ZoneInfo(client.time_zone)).date()
    return start_of_day(client, today + DAY * (client.notice_days + 1))


def start_of_day(client: Client, day: date) -> datetime:
    """Midnight of this day where the client is."""
    return datetime.combine(day, time(), tzinfo=ZoneInfo(client.time_zone))


def check_beginning(effective_at: datetime) -> None:
    """Raise BeginningInvalid unless it is still to come, in the next five years.

    What has begun can no longer be announced: calls have been charged, and requests taken, by what held before.
    """
    now = clock.now()
    if not now < effective_at <= now + FURTHEST:
        raise BeginningInvalid


def draft_announcement(
    client: Client, kind: AnnouncementKind, said: Announced, terms: Mapping[str, Any] | None = None
) -> tuple[Announcement, list[AnnouncementText]]:
    """The announcement and its words in every language, not saved.

    Raises NothingChanges, and NoticeTooShort where it takes effect sooner than agreed and no reason is given.
    """
    earliest, reason = earliest_effect(client), one_line(said.reason, REASON_LIMIT)
    is_short = said.effective_at < earliest
    if not said.wording.describe() and not said.wording.note(client.language, client.language):
        raise NothingChanges
    if is_short and not reason:
        raise NoticeTooShort(earliest, client.notice_days)
    announcement = Announcement(
        client=client,
        kind=kind,
        created_at=clock.now(),
        author=said.author,
        effective_at=said.effective_at,
        notice_days=client.notice_days,
        is_short=is_short,
        reason=reason if is_short else "",
        terms=dict(terms or {}),
        remind_at=_reminder_time(client, said.effective_at),
    )
    return announcement, write_texts(announcement, said.wording)


def announce(
    client: Client, kind: AnnouncementKind, said: Announced, terms: Mapping[str, Any] | None = None
) -> Announcement:
    """Write down the change and tell the owners, in the caller's transaction. Raises as `draft_announcement`."""
    announcement, texts = draft_announcement(client, kind, said, terms)
    with transaction.atomic():
        announcement.save(force_insert=True)
        AnnouncementText.objects.bulk_create(texts)
        for owner in client.memberships.owners().select_related("user"):
            _tell(announcement, owner.user)
        after_commit(nudge, deliver_due)
    log.info(
        "terms.announced",
        announcement=announcement.pk,
        client=client.pk,
        short=announcement.is_short,
        author=announcement.author_id,
    )
    return announcement


def _reminder_time(client: Client, effective_at: datetime) -> datetime | None:
    """When the third working day before it begins, by the company's own calendar; None if that is past."""
    zone, found = ZoneInfo(client.time_zone), 0
    calendar = _office_hours(client)
    last = effective_at.astimezone(zone).date()
    for back in range(1, SEARCHED_DAYS):
        begins = start_of_day(client, last - DAY * back)
        opening = _opening_on(calendar, begins)
        found += opening is not None
        if found == REMINDER_WORKING_DAYS:
            return opening if opening is not None and opening > clock.now() else None
    return None


def _office_hours(client: Client) -> WorkCalendar | None:
    try:
        return client.calendar.work_calendar()
    except CalendarEmpty:
        return None


def _opening_on(calendar: WorkCalendar | None, begins: datetime) -> datetime | None:
    """When work begins on the day that begins then; None on a free day.

    Nine o'clock where it goes on through the night, and on weekdays of who has no hours.
    """
    nine = begins + timedelta(hours=9)
    if calendar is None:
        return nine if begins.weekday() < 5 else None
    opening = nine if calendar.is_open(begins) else calendar.next_opening(begins)
    return opening if opening is not None and opening < begins + DAY else None


def _tell(announcement: Announcement, owner: User) -> bool:
    """Queue the letter to this owner, once however often it is asked; whether it is new."""
    subject, body = letter_to(owner, announcement.text_for(owner.language))
    delivery = queue_email(
        cause=_cause(announcement, owner), recipient=owner.email, subject=subject, body=body, language=owner.language
    )
    _copy, is_new = AnnouncementCopy.objects.get_or_create(
        announcement=announcement, user=owner, defaults={"delivery": delivery, "told_at": clock.now()}
    )
    return is_new


def _cause(announcement: Announcement, owner: User) -> str:
    return f"announcement:{announcement.pk}:user:{owner.pk}"


def tell_new_owners() -> int:
    """Tell owners who have come since about what has not taken effect yet; gives how many letters."""
    told = 0
    for announcement in Announcement.objects.to_come(clock.now()).select_related("client__provider").order_by("pk"):
        known = AnnouncementCopy.objects.filter(announcement=announcement).values("user")
        owners = Membership.objects.owners().filter(client=announcement.client_id).exclude(user__in=known)
        for owner in owners.select_related("user"):
            with transaction.atomic():
                told += _tell(announcement, owner.user)
    if told:
        nudge(deliver_due)
    return told


def send_reminders() -> int:
    """Remind owners who have not confirmed what takes effect soon, once; gives how many letters."""
    sent = 0
    while (letters := _remind_next()) is not None:
        sent += letters
    if sent:
        nudge(deliver_due)
    return sent


def _remind_next() -> int | None:
    """The reminders of one announcement; None when none is due."""
    with transaction.atomic():
        due = Announcement.objects.to_remind(clock.now()).order_by("remind_at", "pk")
        announcement = due.select_for_update(skip_locked=True, of=("self",)).first()
        if announcement is None:
            return None
        copies = announcement.copies.of_owners().unconfirmed().filter(reminder=None).select_related("user")
        for copy in copies:
            _remind(announcement, copy)
        Announcement.objects.filter(pk=announcement.pk).update(reminded_at=clock.now())
        return len(copies)


def _remind(announcement: Announcement, copy: AnnouncementCopy) -> None:
    owner = copy.user
    subject, body = letter_to(owner, announcement.text_for(owner.language), is_reminder=True)
    copy.reminder = queue_email(
        cause=f"{_cause(announcement, owner)}:reminder",
        recipient=owner.email,
        subject=subject,
        body=body,
        language=owner.language,
    )
    copy.save(update_fields=["reminder"])


def acknowledge(announcement: Announcement, *, user: User, digest: str) -> Acknowledgement:
    """Keep that this owner has read the text with this digest; once confirmed it stays as it was.

    Of several at once one is kept. The caller has seen to it that the announcement is the user's to see. Raises
    TextUnknown for a digest that is none of this announcement's.
    """
    text = next((text for text in announcement.texts.all() if text.digest == digest), None)
    if text is None:
        raise TextUnknown
    row, _is_new = Acknowledgement.objects.get_or_create(
        announcement=announcement,
        user=user,
        defaults={"text": text, "digest": text.digest, "acknowledged_at": clock.now()},
    )
    return row


def letters_given_up(announcement: Announcement) -> DeliveryQuerySet:
    """Letters of this announcement that could not be delivered."""
    copies = announcement.copies.all()
    mine = Q(pk__in=copies.values("delivery")) | Q(pk__in=copies.exclude(reminder=None).values("reminder"))
    return Delivery.objects.filter(mine, state=DeliveryState.DEAD)
