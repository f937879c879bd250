"""What an agent may say of a caller during the call."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from answering.accounts.models import Agent
from answering.accounts.templatetags.formats import moment
from answering.console.forms import UNAIDED
from calls.models import Call, Caller

CHANGED_MEANWHILE = _(
    "Somebody else has saved this caller since you opened it. Nothing was overwritten. "
    "This is what is saved now; take over what you need, then save again."
)


def may_block(agent: Agent, call: Call) -> bool:
    """Blocking keeps a client's customer from the client: for supervisors, and those who answer for this client."""
    return agent.user.is_supervisor or agent.pk in (call.client.consultant_id, call.client.substitute_id)


class CallerForm(forms.ModelForm):  # type: ignore[type-arg]
    """A caller as the agent sees them; it carries whom, and in which revision."""

    caller = forms.IntegerField(widget=forms.HiddenInput)
    revision = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Caller
        fields = ["name", "language", "note", "care_reason", "care_until", "is_always_connected", "is_blocked"]
        labels = {"name": _("Name"), "language": _("Language"), "note": _("Note")}
        help_texts = dict.fromkeys(("note", "care_reason", "is_always_connected", "is_blocked"), "")
        widgets = {
            "name": forms.TextInput(UNAIDED | {"data-first": True}),
            "note": forms.Textarea({"rows": 2, "data-autosize": True}),
            "care_until": forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        }

    def __init__(self, *args: Any, may_block: bool, **kwargs: Any) -> None:
        super().__init__(*args, **({"auto_id": "caller_%s"} | kwargs))
        self.fields["caller"].initial = self.instance.pk
        self.fields["revision"].initial = self.instance.revision
        if not may_block:
            del self.fields["is_blocked"]
        self.saved_now: list[tuple[str, str]] = []

    def clean(self) -> dict[str, Any]:
        """The constraint is not asked about a field that this agent does not have."""
        cleaned = super().clean() or {}
        if "is_blocked" not in self.fields and self.instance.is_blocked and cleaned.get("is_always_connected"):
            self.add_error("is_always_connected", _("This caller is blocked. Ask your supervisor."))
        return cleaned

    def is_of(self, caller: Caller) -> bool:
        return bool(self.cleaned_data["caller"] == caller.pk)

    def say_changed(self, saved: Caller) -> None:
        """Show what somebody else has saved; who then saves again has seen it."""
        self.add_error(None, CHANGED_MEANWHILE)
        typed = {field.name: self.cleaned_data.get(field.name) for field in self.visible_fields()}
        differing = [name for name, value in typed.items() if value != getattr(saved, name)]
        self.saved_now = [(str(self[name].label), _in_words(saved, name)) for name in differing]
        self.data = {**self.data.dict(), "caller": saved.pk, "revision": saved.revision}  # type: ignore[attr-defined]


def _in_words(caller: Caller, name: str) -> str:
    value = getattr(caller, name)
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, datetime):
        return moment(value)
    return str(caller.get_language_display() if name == "language" else value) or "–"


class LinkForm(forms.Form):
    """Who of the client's callers it is, and whether the number is theirs too."""

    caller = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    keeps_number = forms.BooleanField(required=False)
