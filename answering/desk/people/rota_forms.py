"""Forms of a rota: itself, its shifts, who is on duty instead."""

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from answering.desk.people.forms import UNAIDED
from clients.models import Calendar, Client, Contact, Rota, Weekday
from clients.services.rota import ShiftFields

LONGEST_OVERRIDE_DAYS = 366
DAY = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
MIDNIGHT = 1440


class RotaForm(forms.Form):
    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=80, widget=forms.TextInput(UNAIDED))
    calendar = forms.ModelChoiceField(
        Calendar.objects.none(),
        label=_("Somebody must be on duty"),
        required=False,
        empty_label=_("always"),
        help_text=_("Gaps are listed within these hours only."),
    )

    def __init__(self, client: Client, *args: Any, rota: Rota | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = Calendar.objects.used_by(client)
        if rota is not None and rota.calendar_id is not None:
            choices = (choices | Calendar.objects.filter(pk=rota.calendar_id)).distinct()
        _choose_from(self, "calendar", choices)


class ShiftForm(forms.Form):
    contact = forms.ModelChoiceField(Contact.objects.none(), label=_("Who"), to_field_name="public_id")
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days"), choices=Weekday.choices, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    starts = forms.TimeField(label=_("From"), widget=forms.TimeInput({"type": "time"}))
    ends = forms.TimeField(
        label=_("To"), widget=forms.TimeInput({"type": "time"}), help_text=_("Not after the start: on the next day.")
    )
    every_weeks = forms.IntegerField(label=_("Every … weeks"), min_value=1, max_value=52, initial=1)
    first_day = forms.DateField(label=_("First day"), widget=DAY)
    last_day = forms.DateField(label=_("Last day"), required=False, widget=DAY)

    def __init__(self, client: Client, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose_from(self, "contact", client.contacts.present())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day is before the first."))
        return cleaned

    def shift_fields(self) -> ShiftFields:
        cleaned = self.cleaned_data
        return ShiftFields(
            contact=cleaned["contact"],
            weekdays=tuple(cleaned["weekdays"]),
            first_day=cleaned["first_day"],
            starts_minute=_minute(cleaned["starts"]),
            ends_minute=_minute(cleaned["ends"]) or MIDNIGHT,
            every_weeks=cleaned["every_weeks"],
            last_day=cleaned["last_day"],
        )


class OverrideForm(forms.Form):
    """Moments are told by the clock of the client's zone, which is the current one."""

    contact = forms.ModelChoiceField(Contact.objects.none(), label=_("Who"), to_field_name="public_id")
    starts_at = forms.DateTimeField(label=_("From"), widget=forms.DateTimeInput({"type": "datetime-local"}))
    ends_at = forms.DateTimeField(label=_("To"), widget=forms.DateTimeInput({"type": "datetime-local"}))
    reason = forms.CharField(label=_("Reason"), max_length=120, required=False, widget=forms.TextInput(UNAIDED))

    def __init__(self, client: Client, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose_from(self, "contact", client.contacts.present())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts, ends = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts and ends:
            if ends <= starts:
                self.add_error("ends_at", _("The end is not after the start."))
            elif (ends - starts).days > LONGEST_OVERRIDE_DAYS:
                self.add_error("ends_at", _("That is longer than a year: change the shifts instead."))
        return cleaned


def start_of_day(day: Any, client: Client) -> datetime:
    """The first moment of a day at the client's."""
    return timezone.make_aware(datetime.combine(day, time.min), ZoneInfo(client.time_zone))


def _minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def _choose_from(form: forms.Form, name: str, choices: Any) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared in the form
    field.queryset = choices
