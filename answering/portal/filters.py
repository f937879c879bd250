"""Which calls the member asked for."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from answering.lib.text import search_key
from calls.models import ScriptAnswer
from calls.querysets import CallQuerySet
from calls.states import CallOutcome
from clients.models import Client, Line

LONGEST_SEARCH = 60


class CallFilter(forms.Form):
    """All fields may be empty; dates are days of the company's zone, both included."""

    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    line = forms.ModelChoiceField(
        Line.objects.none(), label=_("Line"), required=False, to_field_name="slug", empty_label=_("All lines")
    )
    outcome = forms.ChoiceField(label=_("Outcome"), required=False)
    number = forms.CharField(
        label=_("Number, name or answer"),
        required=False,
        max_length=LONGEST_SEARCH,
        widget=forms.TextInput({"type": "search"}),
    )

    def __init__(self, company: Client, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.company = company
        line = self.fields["line"]
        if isinstance(line, forms.ModelChoiceField):
            line.queryset = company.lines.order_by("name")
        outcome = self.fields["outcome"]
        if isinstance(outcome, forms.ChoiceField):
            outcome.choices = [
                ("", _("All outcomes")),
                *((value, capfirst(label)) for value, label in CallOutcome.choices),
            ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("The last day is before the first."))
        return cleaned

    @property
    def is_used(self) -> bool:
        """Whether anything narrows the list."""
        return any(self.data.get(name) for name in self.fields)

    @property
    def is_narrowed(self) -> bool:
        """Whether more than the number or name is asked for."""
        return any(self.data.get(name) for name in self.fields if name != "number")

    def apply(self, calls: CallQuerySet) -> CallQuerySet:
        """The calls asked for; none when the question is wrong."""
        if not self.is_valid():
            return calls.none()
        asked = self.cleaned_data
        conditions = Q()
        if asked["since"]:
            conditions &= Q(started_at__gte=start_of(asked["since"]))
        if asked["until"]:
            conditions &= Q(started_at__lt=start_of(asked["until"] + timedelta(days=1)))
        if asked["line"]:
            conditions &= Q(line=asked["line"])
        if asked["outcome"]:
            conditions &= Q(outcome=asked["outcome"])
        if asked["number"].strip():
            conditions &= _matches(asked["number"])
        return calls.filter(conditions)


def _matches(text: str) -> Q:
    """Digits look in numbers, anything else in names known of callers and in what they answered to the script."""
    digits = "".join(character for character in text if character.isdigit())
    if digits and not any(character.isalpha() for character in text):
        return Q(caller_number__contains=digits)
    key = search_key(text)
    known = Q(caller__search_key__contains=key) | Q(caller__merged_into__search_key__contains=key)
    named = known | Q(caller_name__icontains=text.strip())
    answered = ScriptAnswer.objects.saying(text).filter(call=OuterRef("pk"))
    return named | Q(Exists(answered))


def start_of(day: date) -> datetime:
    """The first moment of a day in the current zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


def today_and_month() -> tuple[datetime, datetime]:
    """When today and this month began, in the current zone."""
    today = timezone.localdate()
    return start_of(today), start_of(today.replace(day=1))
