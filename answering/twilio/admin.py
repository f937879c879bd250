from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from answering.twilio.models import TwilioAccount


class TwilioAccountForm(forms.ModelForm):  # type: ignore[type-arg]
    """Secrets can be set and replaced, and are never shown again."""

    new_auth_token = forms.CharField(
        label=_("Auth token"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Stored encrypted and never shown. Leave empty to keep what is stored."),
    )
    new_api_secret = forms.CharField(
        label=_("API key secret"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Stored encrypted and never shown. Leave empty to keep what is stored."),
    )

    class Meta:
        model = TwilioAccount
        fields = ["name", "sid", "new_auth_token", "api_key", "new_api_secret", "application_sid", "is_active"]

    def clean_new_auth_token(self) -> str:
        token: str = self.cleaned_data["new_auth_token"]
        if not token and not self.instance.sealed_auth_token:
            raise forms.ValidationError(_("Without its auth token an account cannot be used."))
        return token

    def _post_clean(self) -> None:
        """Before the row's own rules are looked at. Without a key its secret goes as well."""
        if token := self.cleaned_data.get("new_auth_token"):
            self.instance.auth_token = token
        if secret := self.cleaned_data.get("new_api_secret"):
            self.instance.api_secret = secret
        elif not self.cleaned_data.get("api_key"):
            self.instance.api_secret = ""
        super()._post_clean()  # type: ignore[misc]


@admin.register(TwilioAccount)
class TwilioAccountAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Accounts of clients who bring their own number, and subaccounts."""

    form = TwilioAccountForm
    list_display = ["name", "sid", "is_active", "created_at"]

    def get_readonly_fields(self, request: HttpRequest, obj: TwilioAccount | None = None) -> tuple[str, ...]:
        return ("sid",) if obj is not None else ()
