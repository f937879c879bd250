"""Hours, holidays and dates as an administrator types them."""

from datetime import date
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from answering.accounts.templatetags.formats import short_date
from answering.desk.calendars.month import FIRST_YEAR, LAST_YEAR
from answering.desk.choices import country_choices, zone_choices
from answering.desk.editing import RevisedForm
from clients.errors import HoursEmpty, HoursInvalid, HoursOverlap, HoursUnreadable
from clients.holiday_dates import holiday_countries, holidays_to_choose
from clients.hours_text import LONGEST, Minutes, check_week, hours_text, read_hours_text
from clients.models import Calendar, CalendarDay, Weekday
from clients.querysets import CalendarQuerySet
from clients.services.calendars import save_calendar, set_day

LONGEST_SEARCH = 60
SENTENCES: dict[type[HoursInvalid], Any] = {
    HoursUnreadable: _("“%(text)s” cannot be read as hours. Write for example 9:00-13:00, 14:00-18:00."),
    HoursEmpty: _("“%(text)s” ends when it begins. Around the clock is 0:00-24:00."),
    HoursOverlap: _("%(text)s: these hours overlap."),
}


class HoursField(forms.CharField):
    """Hours of one day; cleaned to minutes of the day, none when it is closed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=LONGEST, **kwargs)

    def clean(self, value: Any) -> Any:
        try:
            return read_hours_text(super().clean(value))
        except HoursInvalid as error:
            raise forms.ValidationError(SENTENCES[type(error)], params={"text": error.text}) from error


class CalendarSearch(forms.Form):
    q = forms.CharField(
        label=pgettext_lazy("of a thing", "Name"),
        required=False,
        max_length=LONGEST_SEARCH,
        widget=forms.TextInput({"type": "search"}),
    )

    def apply(self, calendars: CalendarQuerySet) -> CalendarQuerySet:
        """The calendars asked for; none when the question is wrong."""
        return calendars.named_like(self.cleaned_data["q"]) if self.is_valid() else calendars.none()


class CalendarForm(RevisedForm):
    """Name, zone, the hours of each weekday, and the country whose holidays are free."""

    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)
    holiday_country = forms.ChoiceField(label=_("Public holidays of"), required=False)

    class Meta:
        model = Calendar
        fields = ["name", "time_zone", "holiday_country"]
        labels = {"name": pgettext_lazy("of a thing", "Name")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = holiday_countries()
        countries = [(code, name) for code, name in country_choices() if code in known]
        self.fields["holiday_country"] = forms.ChoiceField(
            label=_("Public holidays of"), required=False, choices=[("", _("no country")), *countries]
        )
        week: list[list[Minutes]] = [[] for _day in Weekday]
        if self.instance.pk is not None:
            for interval in self.instance.intervals.all():
                week[interval.weekday].append((interval.opens_minute, interval.closes_minute))
        for day in Weekday:
            self.fields[f"day_{day.value}"] = HoursField(label=day.label, initial=hours_text(week[day]))

    @property
    def week_fields(self) -> list[forms.BoundField]:
        """The seven days, Monday first."""
        return [self[f"day_{day.value}"] for day in Weekday]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        names = [f"day_{day.value}" for day in Weekday]
        if not set(names) <= set(cleaned):
            return cleaned
        week = [cleaned[name] for name in names]
        if not any(week):
            self.add_error(None, _("Enter the hours of at least one day: a calendar without any is never open."))
        try:
            check_week(week)
        except HoursOverlap as error:
            self.add_error(f"day_{error.weekday}", _("This night’s hours run into those of the next day."))
        return cleaned

    def save(self, commit: bool = True) -> Calendar:
        week = [self.cleaned_data[f"day_{day.value}"] for day in Weekday]
        calendar: Calendar = self.instance
        if "holiday_country" in self.changed_data:
            calendar.worked_holidays = []
        save_calendar(calendar, seen=self.seen, week=week)
        return calendar


class HolidaysForm(RevisedForm):
    """Which public holidays of the calendar's country are free; the others have the usual hours."""

    free = forms.MultipleChoiceField(label=_("Free on these days"), required=False, widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = Calendar
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = (get_language() or "en").split("-")[0]
        self.known = holidays_to_choose(self.instance.holiday_country, language)
        choices = [(each.name, format_lazy("{} · {}", each.label, short_date(each.day))) for each in self.known]
        free = self.fields["free"]
        if isinstance(free, forms.MultipleChoiceField):
            free.choices = choices
        free.initial = [each.name for each in self.known if each.name not in self.instance.worked_holidays]

    def save(self, commit: bool = True) -> Any:
        free = set(self.cleaned_data["free"])
        self.instance.worked_holidays = [each.name for each in self.known if each.name not in free]
        return super().save(commit)


class DayForm(forms.Form):
    """A date that is not like its weekday."""

    day = forms.DateField(label=_("Date"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    hours = HoursField(label=_("Hours"), help_text=_("Empty: closed all day."))
    note = forms.CharField(label=_("Why"), required=False, max_length=120)
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, calendar: Calendar, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.calendar = calendar
        self.fields["revision"].initial = calendar.revision

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            text = _("Choose a date between %(first)s and %(last)s.")
            raise forms.ValidationError(text, params={"first": FIRST_YEAR, "last": LAST_YEAR})
        return day

    def save(self) -> None:
        """Raises ChangedMeanwhile."""
        typed = self.cleaned_data
        set_day(self.calendar, seen=typed["revision"], day=typed["day"], hours=typed["hours"], note=typed["note"])


def initial_of(day: CalendarDay) -> dict[str, Any]:
    """A date as the form shows it."""
    hours = [(each.opens_minute, each.closes_minute) for each in day.intervals.all()]
    return {"day": day.date, "hours": hours_text(hours), "note": day.note}
