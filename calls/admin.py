"""A hatch for maintenance: to look at what happened. What happens to calls is in `calls.services`."""

from django.contrib import admin

from answering.outbox.hatch import ReadOnlyAdmin
from calls.models import Call, Caller, CallEvent, CallOffer


class EventInline(admin.TabularInline):  # type: ignore[type-arg]
    model = CallEvent
    fields = ("occurred_at", "kind", "agent", "generation", "sequence", "received_at")
    readonly_fields = fields
    ordering = ["occurred_at", "sequence", "id"]
    can_delete = False
    extra = max_num = 0


@admin.register(Call)
class CallAdmin(ReadOnlyAdmin):
    list_display = ["started_at", "client", "line", "state", "outcome", "agent", "next_action_at"]
    list_filter = ["state", "outcome", "carrier"]
    list_select_related = ["client", "line", "agent__user"]
    search_fields = ["public_id", "caller_number"]
    inlines = [EventInline]


@admin.register(CallEvent)
class CallEventAdmin(ReadOnlyAdmin):
    list_display = ["occurred_at", "kind", "call", "agent", "generation", "received_at"]
    list_filter = ["kind"]
    list_select_related = ["call", "agent__user"]
    search_fields = ["call__public_id", "carrier_event_key"]


@admin.register(CallOffer)
class CallOfferAdmin(ReadOnlyAdmin):
    list_display = ["offered_at", "call", "agent", "outcome", "closed_at"]
    list_filter = ["outcome"]
    list_select_related = ["call", "agent__user"]


@admin.register(Caller)
class CallerAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The one thing of a call that may be changed here: who is blocked, and what agents are told."""

    list_display = ["number", "name", "client", "is_blocked"]
    list_filter = ["is_blocked"]
    list_select_related = ["client"]
    search_fields = ["number", "name"]
    readonly_fields = ["client", "number", "created_at"]
    show_full_result_count = False
