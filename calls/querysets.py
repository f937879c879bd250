from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db import models

from answering.accounts.models import Agent, User
from answering.lib import clock
from answering.lib.text import search_key
from calls.states import AGENT_STATES, LIVE_STATES, WAITING_STATES, CallState
from clients.models import Line

if TYPE_CHECKING:
    from calls.models import Call, Caller, CallEvent, CallOffer, ScriptAnswer


class CallerQuerySet(models.QuerySet["Caller"]):
    def kept(self) -> "CallerQuerySet":
        """People, each once, whatever the number of their numbers."""
        return self.filter(merged_into=None)

    def numbers_of(self, caller_id: int) -> "CallerQuerySet":
        """The rows of all numbers of a caller; the id is that of the one who is kept."""
        return self.filter(models.Q(pk=caller_id) | models.Q(merged_into=caller_id))

    def named(self, text: str) -> "CallerQuerySet":
        """Whose name has this in it, whatever its case and accents."""
        return self.filter(search_key__contains=search_key(text))


class CallQuerySet(models.QuerySet["Call"]):
    def visible_to(self, user: User | AnonymousUser) -> "CallQuerySet":
        """Calls of the companies whose portal lets this user see calls."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        allowed = user.memberships.of(user).filter(models.Q(role="owner") | models.Q(may_see_calls=True))
        return self.filter(client_id__in=allowed.values("client_id"))

    def of_caller(self, numbers: "CallerQuerySet") -> "CallQuerySet":
        """Calls from any of a caller's numbers (`Caller.objects.numbers_of`), and those that they were named for."""
        return self.filter(caller_id__in=numbers.order_by().values("pk"))

    def live(self) -> "CallQuerySet":
        """Calls whose caller is still on the line."""
        return self.filter(state__in=LIVE_STATES)

    def waiting(self) -> "CallQuerySet":
        """Calls nobody has taken yet, longest wait first."""
        return self.filter(state__in=WAITING_STATES).order_by("started_at", "id")

    def for_agent(self, agent: Agent) -> "CallQuerySet":
        """Calls this agent is cleared for, whose language they speak and whose skills they have.

        Skills do not matter any more once the caller has waited as long as the line says, nor for one's own call.
        """
        known = self.filter(
            client_id__in=agent.clearances.values("client_id"), line__language__in=agent.languages.values("language")
        )
        required = Line.skills.through._default_manager.filter(line=models.OuterRef("line"))
        missing = required.exclude(skill__in=agent.skills.values("pk"))
        waived_at = models.F("waiting_since") + models.F("line__skills_wait")
        is_waived = models.Q(waived_at__lte=clock.now()) | models.Q(agent=agent)
        return known.alias(waived_at=waived_at).filter(~models.Exists(missing) | is_waived)

    def held_by(self, agent: Agent) -> "CallQuerySet":
        """The call this agent is in, if any (a constraint allows one)."""
        return self.filter(agent=agent, state__in=AGENT_STATES)

    def in_wrap_up(self, agent: Agent) -> "CallQuerySet":
        """Calls this agent has yet to close, latest first."""
        return self.filter(agent=agent, state=CallState.WRAP_UP).order_by("-ended_at")

    def due(self, moment: datetime) -> "CallQuerySet":
        """Calls whose timer has come, served by `manage.py dispatch`."""
        return self.filter(next_action_at__lte=moment).order_by("next_action_at")


class CallEventQuerySet(models.QuerySet["CallEvent"]):
    def in_ledger_order(self) -> "CallEventQuerySet":
        """The order in which the ledger folds them."""
        return self.order_by("occurred_at", "sequence", "id")


class CallOfferQuerySet(models.QuerySet["CallOffer"]):
    def open(self) -> "CallOfferQuerySet":
        """Offers neither taken nor withdrawn."""
        return self.filter(outcome="open")


class ScriptAnswerQuerySet(models.QuerySet["ScriptAnswer"]):
    def visible_to(self, user: User | AnonymousUser) -> "ScriptAnswerQuerySet":
        """Answers in calls of the companies whose portal lets this user see calls."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        allowed = user.memberships.of(user).filter(models.Q(role="owner") | models.Q(may_see_calls=True))
        return self.filter(client_id__in=allowed.values("client_id"))

    def of_client(self) -> "ScriptAnswerQuerySet":
        """What the client is told: questions that were answered on the way that the call took, in their order."""
        return self.filter(is_given=True, is_on_way=True).exclude(question="").exclude(value="").order_by("position")

    def saying(self, text: str) -> "ScriptAnswerQuerySet":
        """Answers in which this occurs, whatever its case and accents."""
        return self.filter(is_given=True, is_on_way=True, search_key__contains=search_key(text))
