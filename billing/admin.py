from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from answering.accounts.models import User
from answering.accounts.templatetags.formats import day_or_moment
from answering.outbox.hatch import ReadOnlyAdmin
from billing.models import Tariff, TariffVersion, UsageRecord
from billing.rating import TariffInvalid
from billing.terms import Prices, VersionExists, draft_tariff_version, make_tariff_version
from clients.announcement_text import Wording
from clients.errors import BeginningInvalid, NothingChanges, NoticeTooShort
from clients.services.announcements import REASON_LIMIT, Announced

if TYPE_CHECKING:
    TariffModelAdmin = ModelAdmin[Tariff]
    VersionModelAdmin = ModelAdmin[TariffVersion]
else:
    TariffModelAdmin = VersionModelAdmin = ModelAdmin  # take no type argument when they run


@admin.register(Tariff)
class TariffAdmin(TariffModelAdmin):
    list_display = ["client", "name"]
    list_select_related = ["client"]


class VersionForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new version goes the way of all: announced to the client's owners, with a reason where that is short notice."""

    reason = forms.CharField(
        label=_("Why sooner than agreed"),
        required=False,
        max_length=REASON_LIMIT,
        help_text=_("The client's owners read it: write it in the client's language."),
    )
    author: User | None = None

    class Meta:
        model = TariffVersion
        fields = [
            "tariff",
            "valid_from",
            "definition",
            "bills_hold",
            "bills_transfer",
            "wrap_up_seconds_billed_at_most",
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            self._try(cleaned)
        return cleaned

    def _try(self, cleaned: dict[str, Any]) -> None:
        """Whether it could be made now; what it would tell is thrown away."""
        try:
            draft_tariff_version(cleaned["tariff"], self.prices(cleaned), self.said(cleaned))
        except NoticeTooShort as error:
            text = ngettext(
                "%(days)d day of notice is agreed, so that this can begin on %(earliest)s. Say why sooner.",
                "%(days)d days of notice are agreed, so that this can begin on %(earliest)s. Say why sooner.",
                error.days,
            )
            told = {"days": error.days, "earliest": day_or_moment(error.earliest)}
            self.add_error("reason", forms.ValidationError(text, params=told))
        except VersionExists:
            self.add_error("valid_from", _("Another version begins at that moment."))
        except BeginningInvalid:
            self.add_error("valid_from", _("Choose a moment to come, within five years."))
        except NothingChanges:
            self.add_error(None, _("These are the prices that hold already."))
        except TariffInvalid:
            pass  # the version itself says what is wrong

    def prices(self, cleaned: dict[str, Any]) -> Prices:
        names = ("definition", "bills_hold", "bills_transfer", "wrap_up_seconds_billed_at_most")
        return Prices(**{name: cleaned[name] for name in names})

    def said(self, cleaned: dict[str, Any]) -> Announced:
        return Announced(cleaned["valid_from"], self.author, Wording(), cleaned.get("reason", ""))


@admin.register(TariffVersion)
class TariffVersionAdmin(VersionModelAdmin):
    """A version can be put right until it was announced or has priced a call; after that there is only a next one."""

    list_display = ["tariff", "number", "valid_from"]
    list_select_related = ["tariff"]
    exclude = ["number"]

    def get_form(
        self, request: HttpRequest, obj: TariffVersion | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs["form"] = VersionForm
        return super().get_form(request, obj, change, **kwargs)

    def save_model(self, request: HttpRequest, obj: TariffVersion, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        form.author = request.user
        made = make_tariff_version(obj.tariff, form.prices(form.cleaned_data), form.said(form.cleaned_data))
        obj.pk, obj.number, obj.announcement = made.pk, made.number, made.announcement

    def has_change_permission(self, request: HttpRequest, obj: TariffVersion | None = None) -> bool:
        return super().has_change_permission(request, obj) and not _is_frozen(obj)

    def has_delete_permission(self, request: HttpRequest, obj: TariffVersion | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not _is_frozen(obj)


def _is_frozen(version: TariffVersion | None) -> bool:
    return version is not None and (version.announcement_id is not None or version.usage.exists())


@admin.register(UsageRecord)
class UsageRecordAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "client", "call", "revision", "billable_seconds", "exact_amount", "currency"]
    list_select_related = ["client", "call"]
    search_fields = ["call__public_id"]
