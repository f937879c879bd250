from typing import TYPE_CHECKING

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest

from answering.outbox.hatch import ReadOnlyAdmin
from billing.models import Tariff, TariffVersion, UsageRecord

if TYPE_CHECKING:
    TariffModelAdmin = ModelAdmin[Tariff]
    VersionModelAdmin = ModelAdmin[TariffVersion]
else:
    TariffModelAdmin = VersionModelAdmin = ModelAdmin  # take no type argument when they run


@admin.register(Tariff)
class TariffAdmin(TariffModelAdmin):
    list_display = ["client", "name"]
    list_select_related = ["client"]


@admin.register(TariffVersion)
class TariffVersionAdmin(VersionModelAdmin):
    """A version can be put right until a call has been priced by it; after that there is only a next version."""

    list_display = ["tariff", "number", "valid_from"]
    list_select_related = ["tariff"]

    def has_change_permission(self, request: HttpRequest, obj: TariffVersion | None = None) -> bool:
        return super().has_change_permission(request, obj) and not _is_used(obj)

    def has_delete_permission(self, request: HttpRequest, obj: TariffVersion | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not _is_used(obj)


def _is_used(version: TariffVersion | None) -> bool:
    return version is not None and version.usage.exists()


@admin.register(UsageRecord)
class UsageRecordAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "client", "call", "revision", "billable_seconds", "exact_amount", "currency"]
    list_select_related = ["client", "call"]
    search_fields = ["call__public_id"]
