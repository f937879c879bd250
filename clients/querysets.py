from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models.functions import Now

from answering.accounts.models import User
from answering.lib.text import search_key

if TYPE_CHECKING:
    from clients.models import (
        Announcement,
        AnnouncementCopy,
        Calendar,
        Client,
        Contact,
        ContactImport,
        FaqEntry,
        Line,
        Membership,
        Notice,
        Script,
        ScriptVersion,
        WayOfWorking,
    )

MOST_WORDS = 8


class MembershipQuerySet(models.QuerySet["Membership"]):
    def of(self, user: User) -> "MembershipQuerySet":
        """This user's memberships of companies that are still ours."""
        return self.filter(user=user, user__is_active=True, client__closed_at=None)

    def owners(self) -> "MembershipQuerySet":
        """Who speaks for a company that is still ours: its owners who may sign in."""
        return self.filter(role="owner", user__is_active=True, client__closed_at=None)


class CalendarQuerySet(models.QuerySet["Calendar"]):
    def named_like(self, text: str) -> "CalendarQuerySet":
        """Calendars whose name contains the text; case and accents do not matter, an empty text finds all."""
        return self.filter(search_key__contains=search_key(text))

    def used_by(self, client: "Client") -> "CalendarQuerySet":
        """The client's own calendar, those of its lines and of its people, by name."""
        lines = client.lines.values("calendar")
        people = client.contacts.exclude(calendar=None).values("calendar")
        mine = models.Q(pk=client.calendar_id) | models.Q(pk__in=lines) | models.Q(pk__in=people)
        return self.filter(mine).order_by("name", "pk")


class ClientQuerySet(models.QuerySet["Client"]):
    def visible_to(self, user: User | AnonymousUser) -> "ClientQuerySet":
        """Companies this user is a member of; staff see none of them through the portal."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        return self.filter(memberships__user=user, closed_at=None)

    def named_like(self, text: str) -> "ClientQuerySet":
        """Companies whose name contains the text; case and accents do not matter, an empty text finds all."""
        return self.filter(search_key__contains=search_key(text))

    def vip(self) -> "ClientQuerySet":
        """Companies of the plan VIP that are still ours."""
        return self.filter(plan="vip", closed_at=None)

    def looked_after_by(self, user: User) -> "ClientQuerySet":
        """Companies whose consultant or substitute this user is."""
        return self.filter(models.Q(consultant__user=user) | models.Q(substitute__user=user))

    def answered_by(self, agent_id: int) -> "ClientQuerySet":
        """Companies this agent is cleared for."""
        return self.filter(clearances__agent_id=agent_id, closed_at=None)


class ScriptQuerySet(models.QuerySet["Script"]):
    def kept(self) -> "ScriptQuerySet":
        """Those that were not deleted, by name."""
        return self.filter(deleted_at=None).order_by("name", "pk")


class ScriptVersionQuerySet(models.QuerySet["ScriptVersion"]):
    def in_force(self) -> "ScriptVersionQuerySet":
        """Versions whose time has come, by the database's clock; the one in force first."""
        return self.filter(published_at__lte=Now()).order_by("-published_at", "-number")


class LineQuerySet(models.QuerySet["Line"]):
    def answered(self) -> "LineQuerySet":
        """Lines in use, of companies that are still ours, with what a call on them needs."""
        return self.filter(is_active=True, client__closed_at=None).select_related("client", "calendar", "script")

    def reading(self, script: "Script") -> "LineQuerySet":
        """Lines on which this script is read, in whatever situation."""
        own = models.Q(after_hours_script=script) | models.Q(holiday_script=script) | models.Q(notice_script=script)
        return self.filter(models.Q(script=script) | own)


class NoticeQuerySet(models.QuerySet["Notice"]):
    def running(self, moment: datetime) -> "NoticeQuerySet":
        """Notices in force at this moment, the oldest first."""
        return self.filter(starts_at__lte=moment, ends_at__gt=moment).order_by("starts_at", "pk")

    def on_line(self, line: "Line") -> "NoticeQuerySet":
        """Notices of the line's client that concern this line."""
        return self.filter(client_id=line.client_id).filter(models.Q(line=None) | models.Q(line=line))

    def public(self) -> "NoticeQuerySet":
        """What callers may read, with the client and line whose language it is in."""
        return self.filter(is_public=True).select_related("client", "line")


class FaqQuerySet(models.QuerySet["FaqEntry"]):
    def saying(self, text: str) -> "FaqQuerySet":
        """Entries in which each of these words, or its beginning, occurs, whatever its case and accents."""
        return self.filter(_all_words("search_key", text))

    def best_for(self, text: str, language: str) -> "FaqQuerySet":
        """The same, the best first: in this language, then by what is asked rather than answered, then by name."""
        ranked = self.saying(text).annotate(
            is_foreign=models.Case(models.When(language=language, then=0), default=1),
            is_in_answer=models.Case(models.When(_all_words("question_key", text), then=0), default=1),
        )
        return ranked.order_by("is_foreign", "is_in_answer", "sort_key", "pk")


def _all_words(field: str, text: str) -> models.Q:
    words = search_key(text).split()[:MOST_WORDS]
    return models.Q(*(models.Q((f"{field}__contains", word)) for word in words)) or ~models.Q(pk=None)


class WayOfWorkingQuerySet(models.QuerySet["WayOfWorking"]):
    def in_force(self) -> "WayOfWorkingQuerySet":
        """Of each client the version that was agreed last."""
        later = self.model._default_manager.filter(
            client=models.OuterRef("client"), number__gt=models.OuterRef("number")
        )
        return self.filter(~models.Exists(later))


class ContactImportQuerySet(models.QuerySet["ContactImport"]):
    def unattended(self, moment: datetime) -> "ContactImportQuerySet":
        """Imports under way on which no worker is busy, the longest waiting first."""
        free = models.Q(busy_until=None) | models.Q(busy_until__lte=moment)
        return self.filter(free, state__in=["reading", "writing", "undoing"]).order_by("uploaded_at")

    def logged(self) -> "ContactImportQuerySet":
        """What was carried out, taken back or not, the latest first."""
        return self.filter(carried_out_at__isnull=False).order_by("-carried_out_at", "-pk")


class ContactQuerySet(models.QuerySet["Contact"]):
    def present(self) -> "ContactQuerySet":
        """Who has not left, by name."""
        return self.filter(left_at=None).order_by("sort_key", "pk")

    def with_numbers(self) -> "ContactQuerySet":
        """With department and numbers; one query more."""
        return self.select_related("department", "calendar").prefetch_related("numbers")


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def visible_to(self, user: User | AnonymousUser) -> "AnnouncementQuerySet":
        """What was announced to the companies that this user owns; other members see none."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        owned = user.memberships.of(user).owners()
        return self.filter(client_id__in=owned.values("client_id"))

    def confirmed_by(self, user: User) -> "AnnouncementQuerySet":
        """With `confirmed_at`, when this user has confirmed it, and `told_at`, when they were told; None if not."""
        return self.annotate(
            confirmed_at=_of_user("acknowledgements", "acknowledged_at", user),
            told_at=_of_user("copies", "told_at", user),
        )

    def waiting_for(self, user: User) -> "AnnouncementQuerySet":
        """What this user has been told and has not confirmed, by its beginning, with its texts."""
        waiting = self.visible_to(user).filter(copies__user=user).exclude(acknowledgements__user=user)
        return waiting.prefetch_related("texts").order_by("effective_at", "pk")

    def to_come(self, moment: datetime) -> "AnnouncementQuerySet":
        """Changes that have not taken effect, of companies that are still ours."""
        return self.filter(effective_at__gt=moment, client__closed_at=None)

    def to_remind(self, moment: datetime) -> "AnnouncementQuerySet":
        """Changes to come of which those who have not confirmed are now to be reminded."""
        return self.to_come(moment).filter(remind_at__lte=moment, reminded_at=None)

    def outstanding(self) -> "AnnouncementQuerySet":
        """Changes of the contract that are not in force yet, in their order."""
        return self.filter(in_force_at=None).exclude(terms={}).order_by("effective_at", "pk")

    def to_put_in_force(self, moment: datetime) -> "AnnouncementQuerySet":
        """Changes of the contract whose moment has come."""
        return self.outstanding().filter(effective_at__lte=moment)

    def in_force_after(self, announcement: "Announcement") -> "AnnouncementQuerySet":
        """Changes of the same contract that hold already, though their moment is a later one."""
        later = models.Q(effective_at__gt=announcement.effective_at)
        later |= models.Q(effective_at=announcement.effective_at, pk__gt=announcement.pk)
        return self.filter(later, client=announcement.client_id, in_force_at__isnull=False).exclude(terms={})


def _of_user(rows: str, moment: str, user: User) -> models.Max:
    """The moment in the one row of this user among several, without a row for each."""
    return models.Max(f"{rows}__{moment}", filter=models.Q(**{f"{rows}__user": user}))


class CopyQuerySet(models.QuerySet["AnnouncementCopy"]):
    def unconfirmed(self) -> "CopyQuerySet":
        """Copies whose reader has not confirmed."""
        return self.exclude(announcement__acknowledgements__user=models.F("user"))

    def of_owners(self) -> "CopyQuerySet":
        """Copies of those who own the company now."""
        return self.filter(
            user__is_active=True,
            announcement__client__memberships__user=models.F("user"),
            announcement__client__memberships__role="owner",
        )
