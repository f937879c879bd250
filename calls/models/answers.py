"""What a caller answered to the questions of the script."""

from typing import Any

from django.db import models

from answering.accounts.models import Agent, Language
from answering.lib import clock
from answering.lib.text import search_key
from calls.models.call import Call
from calls.querysets import ScriptAnswerQuerySet
from clients.models import Client

NAME_LIMIT, KEY_LIMIT = 120, 40


class ScriptAnswer(models.Model):
    """One step of one call: the question as it was asked, `value` as it is compared, `shown` as people read it.

    What is still being typed is not `is_given`. An answer that a changed earlier one has led away from is kept, but
    not `is_on_way`. An action that was done has no question. `revision` is given by the page; late older ones lose.
    """

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="script_answers")
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="answers")
    agent = models.ForeignKey(Agent, null=True, on_delete=models.PROTECT, related_name="+")
    step_key = models.CharField(max_length=KEY_LIMIT)
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=NAME_LIMIT, blank=True)
    question = models.TextField(blank=True)
    language = models.CharField(max_length=5, choices=Language)
    value = models.TextField(blank=True)
    shown = models.TextField(blank=True)
    search_key = models.TextField(editable=False)
    is_given = models.BooleanField(default=True)
    is_on_way = models.BooleanField(default=True)
    revision = models.PositiveBigIntegerField(default=0)
    answered_at = models.DateTimeField(default=clock.now)

    objects = ScriptAnswerQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["call", "step_key"], name="script_answer_once")]
        indexes = [models.Index(fields=["client", "-answered_at"], name="answer_of_client_by_time")]

    def __str__(self) -> str:
        return f"{self.name}: {self.shown[:40]}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.search_key = search_key(self.shown)
        super().save(*args, **kwargs)
