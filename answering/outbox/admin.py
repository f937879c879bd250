from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from answering.outbox.hatch import ReadOnlyAdmin
from answering.outbox.models import Delivery, DeliveryQuerySet
from answering.outbox.services import try_again


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """To see what did not arrive and why, and to try it again."""

    list_display = [
        "created_at",
        "channel",
        "recipient",
        "subject",
        "state",
        "attempts",
        "next_attempt_at",
        "last_error",
    ]
    list_filter = ["state", "channel"]
    search_fields = ["recipient", "cause", "external_id"]
    actions = ["send_again"]

    def has_send_again_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("outbox.change_delivery")

    @admin.action(permissions=["send_again"], description=_("Try again what was given up"))
    def send_again(self, request: HttpRequest, queryset: DeliveryQuerySet) -> None:
        count = try_again(queryset)
        self.message_user(
            request,
            ngettext("%(count)d delivery is due again.", "%(count)d deliveries are due again.", count)
            % {"count": count},
        )
