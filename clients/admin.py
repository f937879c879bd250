"""The maintenance hatch for companies, until their screens at the desk exist."""

from django.contrib import admin
from django.http import HttpRequest

from answering.outbox.hatch import ReadOnlyAdmin
from clients.models import (
    Acknowledgement,
    Announcement,
    AnnouncementCopy,
    Calendar,
    CalendarDay,
    CalendarInterval,
    Client,
    Contact,
    ContactNumber,
    Department,
    Line,
    Membership,
    Provider,
    RepeatingShift,
    Rota,
    RotaOverride,
    Script,
    ScriptVersion,
)


class IntervalInline(admin.TabularInline):  # type: ignore[type-arg]
    model = CalendarInterval
    extra = 0


class DayInline(admin.TabularInline):  # type: ignore[type-arg]
    model = CalendarDay
    extra = 0


@admin.register(Calendar)
class CalendarAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "time_zone", "holiday_country"]
    exclude = ["changed_at"]
    inlines = [IntervalInline, DayInline]


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Membership
    extra = 0
    autocomplete_fields = ["user"]


class ContactInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Contact
    extra = 0


@admin.register(Client)
class ClientAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "plan", "country", "language", "closed_at"]
    list_filter = ["plan", "country"]
    search_fields = ["name", "search_key"]
    inlines = [ContactInline, MembershipInline]


@admin.register(Line)
class LineAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "client", "slug", "number", "language", "is_active"]
    list_select_related = ["client"]


@admin.register(ScriptVersion)
class ScriptVersionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A published version is shown, never changed: the database would refuse it."""

    list_display = ["script", "number", "published_at"]
    list_select_related = ["script"]

    def has_change_permission(self, request: HttpRequest, obj: ScriptVersion | None = None) -> bool:
        return super().has_change_permission(request, obj) and not _is_published(obj)

    def has_delete_permission(self, request: HttpRequest, obj: ScriptVersion | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not _is_published(obj)


def _is_published(version: ScriptVersion | None) -> bool:
    return version is not None and version.published_at is not None


@admin.register(Announcement)
class AnnouncementAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "client", "kind", "effective_at", "is_short", "author"]
    list_select_related = ["client", "author"]


@admin.register(AnnouncementCopy)
class AnnouncementCopyAdmin(ReadOnlyAdmin):
    list_display = ["told_at", "announcement", "user", "delivery", "reminder"]
    list_select_related = ["announcement", "user", "delivery", "reminder"]


@admin.register(Acknowledgement)
class AcknowledgementAdmin(ReadOnlyAdmin):
    list_display = ["acknowledged_at", "announcement", "user", "text", "digest"]
    list_select_related = ["announcement", "user", "text"]


admin.site.register([Provider, Script, Rota, RepeatingShift, RotaOverride, Department, ContactNumber])
