from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models.functions import Now

from answering.accounts.models import User
from answering.lib.text import search_key

if TYPE_CHECKING:
    from clients.models import (
        Calendar,
        Client,
        Contact,
        ContactImport,
        FaqEntry,
        Line,
        Membership,
        Notice,
        ScriptVersion,
    )

MOST_WORDS = 8


class MembershipQuerySet(models.QuerySet["Membership"]):
    def of(self, user: User) -> "MembershipQuerySet":
        """This user's memberships of companies that are still ours."""
        return self.filter(user=user, user__is_active=True, client__closed_at=None)


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

    def answered_by(self, agent_id: int) -> "ClientQuerySet":
        """Companies this agent is cleared for."""
        return self.filter(clearances__agent_id=agent_id, closed_at=None)


class ScriptVersionQuerySet(models.QuerySet["ScriptVersion"]):
    def in_force(self) -> "ScriptVersionQuerySet":
        """Versions whose time has come, by the database's clock; the one in force first."""
        return self.filter(published_at__lte=Now()).order_by("-published_at", "-number")


class LineQuerySet(models.QuerySet["Line"]):
    def answered(self) -> "LineQuerySet":
        """Lines in use, of companies that are still ours, with what a call on them needs."""
        return self.filter(is_active=True, client__closed_at=None).select_related("client", "calendar", "script")


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
