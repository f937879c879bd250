"""What callers ask a client again and again, and what is answered."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from answering.accounts.models import Language
from answering.lib import clock
from answering.lib.text import search_key, sort_key
from clients.models.companies import Client
from clients.models.revised import Revised
from clients.querysets import FaqQuerySet

QUESTION_LIMIT, ANSWER_LIMIT = 300, 4_000


class FaqEntry(Revised):
    """A question with its answer in one language; found by any of its words, also by how they begin."""

    public_id = models.UUIDField(default=clock.uuid7, unique=True, editable=False)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="faq")
    language = models.CharField(_("Language"), max_length=5, choices=Language)
    question = models.CharField(_("Question"), max_length=QUESTION_LIMIT)
    answer = models.TextField(_("Answer"), max_length=ANSWER_LIMIT)
    sort_key = models.TextField(editable=False)
    question_key = models.TextField(editable=False)
    search_key = models.TextField(editable=False)

    objects = FaqQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "FAQ entries"

    def __str__(self) -> str:
        return self.question

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.set_keys()
        super().save(*args, **kwargs)

    def set_keys(self) -> None:
        self.sort_key = sort_key(self.question, self.language)
        self.question_key = search_key(self.question)
        self.search_key = search_key(f"{self.question} {self.answer}")
