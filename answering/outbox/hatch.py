"""The Django admin as a maintenance hatch: to look at rows that only services write."""

from typing import TYPE_CHECKING, Any

from django.contrib.admin import ModelAdmin
from django.db.models import Model
from django.http import HttpRequest

if TYPE_CHECKING:
    AnyModelAdmin = ModelAdmin[Model]
else:
    AnyModelAdmin = ModelAdmin  # takes no type argument when it runs


class ReadOnlyAdmin(AnyModelAdmin):
    """Newest first, nothing to add, change or delete, no count of a large table."""

    ordering = ["-pk"]
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
