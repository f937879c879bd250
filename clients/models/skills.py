"""What some agents can do and some lines require."""

from typing import Any

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from answering.accounts.models import Agent
from answering.lib import clock
from answering.lib.text import sort_key
from clients.models.revised import Revised


class Skill(Revised):
    """Something by a name of the house's own, such as "medical"; the agents have it."""

    public_id = models.UUIDField(default=clock.uuid7, unique=True, editable=False)
    name = models.CharField(max_length=60)
    sort_key = models.CharField(max_length=240, editable=False)
    agents = models.ManyToManyField(Agent, blank=True, related_name="skills")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="skill_name_once",
                violation_error_message=_("There is a skill of this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_key = sort_key(self.name, "")[:240]
        super().save(*args, **kwargs)
