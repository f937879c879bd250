from typing import Any

from django import forms
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from answering.desk.editing import RevisedForm
from clients.models import Script
from clients.scripts.files import FILE_LIMIT
from clients.scripts.ready import ready_scripts


class NewScriptForm(forms.Form):
    """A script to begin: its name, and a ready one or a file to take it from."""

    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=120, required=False)
    ready = forms.ChoiceField(label=_("Begin with"), required=False, help_text=_("Complete in all languages."))
    file = forms.FileField(label=_("File"), required=False, help_text=_("A script that was exported here before."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or "en"
        offered = [(each.trade, each.title_in(language)) for each in ready_scripts()]
        self.fields["ready"].choices = [("", _("an empty script")), *offered]  # type: ignore[attr-defined]

    def clean_file(self) -> bytes | None:
        file = self.cleaned_data["file"]
        return file.read(FILE_LIMIT + 1) if file else None

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if not any(cleaned.get(name) for name in ("name", "file", "ready")) and not self.errors:
            self.add_error("name", _("Name the script, or choose what to begin with."))
        return cleaned


class RenameForm(RevisedForm):
    """What the script is called at the desk; callers and agents never see it."""

    class Meta:
        model = Script
        fields = ["name"]
        labels = {"name": pgettext_lazy("of a thing", "Name")}


class PublishForm(forms.Form):
    """Publish now, or from a date on, in the zone of who decides."""

    revision = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    at = forms.DateTimeField(
        label=_("From"),
        required=False,
        help_text=_("Empty: now."),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )


class TriedFactsForm(forms.Form):
    """What kind of call a preview is."""

    language = forms.ChoiceField(label=_("Language"), required=False)
    hours = forms.ChoiceField(
        label=_("Time"),
        choices=[("open", _("In hours")), ("closed", _("After hours")), ("holiday", _("Holiday"))],
    )
    notice = forms.ChoiceField(
        label=_("Notice"),
        choices=[("none", _("No notice is in force")), ("running", _("A notice is in force"))],
    )
    caller = forms.ChoiceField(
        label=_("Caller"),
        choices=[("unknown", _("The caller calls for the first time")), ("known", _("The caller has called before"))],
    )

    def __init__(self, *args: object, languages: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["language"].choices = languages  # type: ignore[attr-defined]
