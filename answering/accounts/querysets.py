from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from answering.accounts.models import Agent


class AgentQuerySet(models.QuerySet["Agent"]):
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
