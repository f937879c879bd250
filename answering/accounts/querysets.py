from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import models

from answering.lib.text import search_key

if TYPE_CHECKING:
    from answering.accounts.models import Agent, User


class UserQuerySet(models.QuerySet["User"]):
    def staff(self) -> "UserQuerySet":
        """People of the house, those who have left included."""
        return self.exclude(staff_role="")

    def named_like(self, text: str) -> "UserQuerySet":
        """People whose name or e-mail contains the text; case and accents do not matter, an empty text finds all."""
        return self.filter(search_key__contains=search_key(text))

    def able_administrators(self) -> "UserQuerySet":
        """Administrators who can sign in: active, and with a password of their own."""
        unusable = models.Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        return self.filter(staff_role="administrator", is_active=True).exclude(unusable)


class AgentQuerySet(models.QuerySet["Agent"]):
    def at_work(self) -> "AgentQuerySet":
        """Agents who have not left and whose role takes calls."""
        return self.filter(user__is_active=True, user__staff_role__in=("agent", "consultant", "supervisor"))

    def named_like(self, text: str) -> "AgentQuerySet":
        """Agents whose name or e-mail contains the text; case and accents do not matter."""
        return self.filter(user__search_key__contains=search_key(text))

    def cleared_for(self, client_id: int) -> "AgentQuerySet":
        """Agents who may take calls of this client."""
        return self.filter(clearances__client_id=client_id, user__is_active=True)

    def speaking(self, language: str) -> "AgentQuerySet":
        """Agents who speak this language."""
        return self.filter(languages__language=language)

    def heard_since(self, moment: datetime) -> "AgentQuerySet":
        """Agents available by their own choice whose console has spoken since `moment`."""
        return self.filter(presence="available", heartbeat_at__gte=moment)

    def silent_since(self, moment: datetime) -> "AgentQuerySet":
        """Signed-in agents whose console has not spoken since `moment`."""
        return self.exclude(presence="offline").filter(models.Q(heartbeat_at__lt=moment) | models.Q(heartbeat_at=None))
