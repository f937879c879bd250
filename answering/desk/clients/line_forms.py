"""A line as an administrator sets it, and questions about what it does."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from answering.desk.editing import RevisedForm
from answering.twilio.models import TwilioAccount
from calls.carriers.browser.framing import is_origin
from calls.carriers.browser.views import RESERVED_SLUG
from calls.services.callers import TYPED_NUMBER_LIMIT, e164
from calls.services.screening import Screening
from clients.models import Calendar, Client, Line, Script, Skill

# name -> (label, shortest, longest), in seconds
LIMITS = {
    "waiting_limit": (_("Waiting limit (seconds)"), 10, 3600),
    "offer_interval": (_("Offer to the next agent after (seconds)"), 2, 120),
    "wrap_up_limit": (_("Wrap-up limit (seconds)"), 5, 900),
}

OWN_SCRIPTS = {
    "after_hours_script": _("Script after hours"),
    "holiday_script": _("Script on holidays"),
    "notice_script": _("Script during a notice"),
}


class SecondsField(forms.DurationField):
    """A duration in whole seconds."""

    widget = forms.NumberInput

    def prepare_value(self, value: Any) -> Any:
        return int(value.total_seconds()) if isinstance(value, timedelta) else value

    def to_python(self, value: Any) -> Any:
        seconds = forms.IntegerField(required=False, max_value=10**6).clean(value)
        return None if seconds is None else timedelta(seconds=seconds)


class LineForm(RevisedForm):
    """What is called, in whose name it is answered, and how long anybody waits."""

    class Meta:
        model = Line
        fields = [
            "name", "slug", "number", "twilio_account", "language", "calendar", "script",
            "skills", "skills_wait",
            "after_hours", "after_hours_script", "on_holiday", "holiday_script", "during_notice", "notice_script",
            "waiting_limit", "offer_interval", "wrap_up_limit", "frame_ancestors", "is_active",
        ]  # fmt: skip
        labels = {
            "name": pgettext_lazy("of a thing", "Name"),
            "slug": _("Address of its page"),
            "number": _("Telephone number"),
            "twilio_account": _("Twilio account"),
            "language": _("Language"),
            "calendar": _("Calendar"),
            "script": _("Script"),
            "skills": _("Skills"),
            "skills_wait": _("Agents without them after (seconds)"),
            "after_hours": _("After hours"),
            "on_holiday": _("On holidays"),
            "during_notice": _("During a notice"),
            "frame_ancestors": _("Web sites that may show its page"),
            "is_active": _("In use: calls are answered"),
        }
        help_texts = {
            "slug": _("Small letters, digits and hyphens: the end of /phone/…/"),
            "number": _("With the country in front; empty for a line that is called from its page only."),
            "script": _("Its greeting is read first. Empty begins a new script."),
            "skills": _("Only agents who have all of them are offered its calls."),
            "skills_wait": _("Of waiting; then everybody else is asked too. Empty: never."),
            "on_holiday": _("Public holidays of its calendar, and dates without hours."),
            "during_notice": _("While a notice is in force within the hours."),
            "frame_ancestors": _("Origins such as https://www.example.lv, separated by spaces."),
        }
        error_messages = {
            "number": {"unique": _("This number belongs to another line already.")},
            "slug": {"unique": _("This address belongs to another line already.")},
        }
        field_classes = dict.fromkeys([*LIMITS, "skills_wait"], SecondsField)
        widgets = {"frame_ancestors": forms.TextInput, "skills": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (label, shortest, longest) in LIMITS.items():
            field = self.fields[name]
            field.label, field.help_text = label, ""
            field.validators += [
                MinValueValidator(timedelta(seconds=shortest), _("At least %(seconds)s.") % {"seconds": shortest}),
                MaxValueValidator(timedelta(seconds=longest), _("At most %(seconds)s.") % {"seconds": longest}),
            ]
        self._offer("calendar", Calendar.objects.order_by("sort_key", "pk"))
        scripts = Script.objects.kept().filter(client=self.instance.client)
        for name in ("script", *OWN_SCRIPTS):
            self._offer(name, scripts)
        for name, label in OWN_SCRIPTS.items():
            self.fields[name].label, self.fields[name].help_text = label, ""
        self._offer("twilio_account", TwilioAccount.objects.order_by("name", "pk"))
        self._offer("skills", Skill.objects.order_by("sort_key", "pk"))
        self.fields["script"].required = False

    def _offer(self, name: str, rows: Any) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ModelMultipleChoiceField):
            field.queryset = rows
        elif isinstance(field, forms.ModelChoiceField):
            field.queryset = rows
            field.empty_label = {
                "script": _("a new script"),
                **dict.fromkeys(OWN_SCRIPTS, _("the usual script")),
                "twilio_account": _("the installation’s own"),
            }.get(name, "---------")

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if slug == RESERVED_SLUG:
            raise forms.ValidationError(_("This address is taken by the system. Choose another."))
        return slug

    def clean_frame_ancestors(self) -> str:
        origins: list[str] = self.cleaned_data["frame_ancestors"].split()
        wrong = next((origin for origin in origins if not is_origin(origin)), None)
        if wrong is not None:
            text = _("“%(origin)s” is not the address of a web site: write https:// and the name, without a path.")
            raise forms.ValidationError(text, params={"origin": wrong})
        return " ".join(origins)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("twilio_account") and "number" in cleaned and not cleaned["number"]:
            self.add_error("twilio_account", _("Only a line with a number belongs to an account."))
        self._check_skills(cleaned)
        if "script" in cleaned and cleaned["script"] is None:
            # Written together with the line; a script of another client is not even offered.
            self.instance.script = Script(client=self.instance.client, name=cleaned.get("name", ""))
            del cleaned["script"]
        return cleaned

    def _check_skills(self, cleaned: dict[str, Any]) -> None:
        wait, limit = cleaned.get("skills_wait"), cleaned.get("waiting_limit")
        if wait is None:
            return
        if not cleaned.get("skills"):
            self.add_error("skills_wait", _("This line requires no skill."))
        elif limit is not None and not timedelta(0) < wait < limit:
            self.add_error("skills_wait", _("More than nothing, and less than the waiting limit."))

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() | {"script"}  # type: ignore[misc,no-any-return]

    def save(self, commit: bool = True) -> Any:
        with transaction.atomic():
            if self.instance.script.pk is None:
                self.instance.script.save()
                self.instance.script = self.instance.script
            return super().save(commit)


class TestForm(forms.Form):
    """When somebody calls, and from where; the time is the line's."""

    moment = forms.DateTimeField(
        label=_("When"), widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    number = forms.CharField(
        label=_("From number"),
        required=False,
        max_length=TYPED_NUMBER_LIMIT,
        help_text=_("Empty: the number is withheld."),
    )

    def clean_moment(self) -> datetime:
        moment: datetime = self.cleaned_data["moment"]
        if not 2000 <= moment.year <= 2100:
            raise forms.ValidationError(
                _("Choose a date between %(first)s and %(last)s."), params={"first": 2000, "last": 2100}
            )
        return moment


class ScreeningForm(forms.Form):
    """A number that is never, or always, put through."""

    number = forms.CharField(label=_("Number"), max_length=TYPED_NUMBER_LIMIT)
    screening = forms.ChoiceField(label=_("Put through"), choices=Screening)

    def __init__(self, client: Client, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country = client.country

    def clean_number(self) -> str:
        number = e164(self.cleaned_data["number"], self.country)
        if number is None:
            raise forms.ValidationError(_("This is not a telephone number. Write it with its country in front."))
        return number
