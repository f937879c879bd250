from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db import models

from answering.accounts.models import User
from answering.lib.text import search_key

if TYPE_CHECKING:
    from clients.models import Calendar, Client, Contact, Line, Membership, Notice, ScriptVersion


class MembershipQuerySet(models.QuerySet["Membership"]):
    def of(self, user: User) -> "MembershipQuerySet":
        """This user's memberships of companies that are still ours."""
        return self.filter(user=user, user__is_active=True, client__closed_at=None)


class CalendarQuerySet(models.QuerySet["Calendar"]):
    def named_like(self, text: str) -> "CalendarQuerySet":
        """Calendars whose name contains the text; case and accents do not matter, an empty text finds all."""
        return self.filter(search_key__contains=search_key(text))


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
        """Published versions, the one in force first."""
        return self.exclude(published_at=None).order_by("-number")


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


class ContactQuerySet(models.QuerySet["Contact"]):
    def present(self) -> "ContactQuerySet":
        """Who has not left, by name."""
        return self.filter(left_at=None).order_by("sort_key", "pk")

    def with_numbers(self) -> "ContactQuerySet":
        """With department and numbers; one query more."""
        return self.select_related("department", "calendar").prefetch_related("numbers")
