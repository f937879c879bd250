from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db import models

from answering.accounts.models import User
from answering.lib.text import search_key

if TYPE_CHECKING:
    from clients.models import Client, Contact, Line, Membership, ScriptVersion


class MembershipQuerySet(models.QuerySet["Membership"]):
    def of(self, user: User) -> "MembershipQuerySet":
        """This user's memberships of companies that are still ours."""
        return self.filter(user=user, user__is_active=True, client__closed_at=None)


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


class ContactQuerySet(models.QuerySet["Contact"]):
    def present(self) -> "ContactQuerySet":
        """Who has not left, by name."""
        return self.filter(left_at=None).order_by("sort_key", "pk")

    def with_numbers(self) -> "ContactQuerySet":
        """With department and numbers; one query more."""
        return self.select_related("department", "calendar").prefetch_related("numbers")
