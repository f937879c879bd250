from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db import models

from answering.accounts.models import User

if TYPE_CHECKING:
    from billing.models import UsageRecord


class UsageQuerySet(models.QuerySet["UsageRecord"]):
    def visible_to(self, user: User | AnonymousUser) -> "UsageQuerySet":
        """Usage of the companies whose portal lets this user see prices."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        allowed = user.memberships.of(user).filter(models.Q(role="owner") | models.Q(may_see_prices=True))
        return self.filter(client_id__in=allowed.values("client_id"))

    def in_force(self) -> "UsageQuerySet":
        """The latest revision of each call."""
        newer = self.model.objects.filter(call=models.OuterRef("call"), revision__gt=models.OuterRef("revision"))
        return self.filter(~models.Exists(newer))
