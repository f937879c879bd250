from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db import models

from answering.accounts.models import Agent, User
from calls.states import CallOutcome

if TYPE_CHECKING:
    from calls.querysets import CallerQuerySet
    from inquiries.models import Inquiry


class InquiryQuerySet(models.QuerySet["Inquiry"]):
    def visible_to(self, user: User | AnonymousUser) -> "InquiryQuerySet":
        """Requests of the companies whose portal lets this user see calls."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        allowed = user.memberships.of(user).filter(models.Q(role="owner") | models.Q(may_see_calls=True))
        return self.filter(client_id__in=allowed.values("client_id"))

    def of_caller(self, numbers: "CallerQuerySet") -> "InquiryQuerySet":
        """Requests of a caller by call or SMS from any of their numbers (`Caller.objects.numbers_of`), latest first."""
        mine, every = numbers.order_by().values("pk"), self.model._default_manager.order_by()
        by_call = every.filter(call__caller__in=mine).values("pk")
        by_text = every.filter(text_message__caller__in=mine).values("pk")
        # Not one condition with "or", which could use no index.
        return self.filter(pk__in=by_call.union(by_text, all=True)).order_by("-received_at", "-pk")

    def open(self) -> "InquiryQuerySet":
        """Requests still owed a reply, the nearest deadline first."""
        return self.filter(state="open").order_by("due_at", "id")

    def needless(self) -> "InquiryQuerySet":
        """Open call-backs, made by the house itself, of calls that turned out to have been answered."""
        return self.open().filter(kind="callback", call__outcome=CallOutcome.ANSWERED, taken_by=None)

    def call_backs_for(self, agent: Agent) -> "InquiryQuerySet":
        """Call-backs the service owes to callers of the clients this agent is cleared for."""
        return self.open().filter(kind="callback", client_id__in=agent.clearances.values("client_id"))
