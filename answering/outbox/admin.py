from typing import TYPE_CHECKING

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from answering.outbox.models import Delivery, DeliveryQuerySet
from answering.outbox.services import try_again

if TYPE_CHECKING:
    DeliveryModelAdmin = ModelAdmin[Delivery]
else:
    DeliveryModelAdmin = ModelAdmin  # takes no type argument when it runs


@admin.register(Delivery)
class DeliveryAdmin(DeliveryModelAdmin):
    """To see what did not arrive and why, and to try it again. Nothing is written by hand."""

    list_display = ["created_at", "recipient", "subject", "state", "attempts", "next_attempt_at", "last_error"]
    list_filter = ["state", "channel"]
    search_fields = ["recipient", "cause"]
    ordering = ["-pk"]
    show_full_result_count = False
    actions = ["send_again"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return False

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
