"""The maintenance hatch for users; people of the house are set up at the desk, which logs who changed what."""

from django.contrib import admin

from answering.accounts.models import Agent, AgentLanguage, Clearance, User


class LanguageInline(admin.TabularInline):  # type: ignore[type-arg]
    model = AgentLanguage
    extra = 0


class ClearanceInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Clearance
    extra = 0


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Passwords are not set here: a new user asks for a new one at sign-in."""

    list_display = ["full_name", "email", "staff_role", "is_active"]
    list_filter = ["staff_role", "is_active"]
    search_fields = ["full_name", "email"]
    exclude = ["password", "groups", "user_permissions", "last_login"]


@admin.register(Agent)
class AgentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["user", "presence", "heartbeat_at"]
    list_select_related = ["user"]
    fields = ["user"]
    inlines = [LanguageInline, ClearanceInline]
