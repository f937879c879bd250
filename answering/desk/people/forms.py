"""The form of a contact, with its numbers in order."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from answering.accounts.models import Language
from clients.models import Calendar, Client, Contact
from clients.services.contacts import ContactFields, NumberFields

MOST_NUMBERS = 8
UNAIDED = {"autocomplete": "off"}


class ContactForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(UNAIDED))
    department = forms.CharField(
        label=_("Department"),
        max_length=120,
        required=False,
        widget=forms.TextInput(UNAIDED | {"list": "departments"}),
    )
    responsibility = forms.CharField(
        label=_("Responsible for"),
        max_length=200,
        required=False,
        widget=forms.TextInput(UNAIDED),
        help_text=_("What they decide, e.g. prices and complaints."),
    )
    email = forms.EmailField(label=_("E-mail"), required=False, widget=forms.EmailInput(UNAIDED))
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices, help_text=_("Of the messages to them."))
    also_speaks = forms.MultipleChoiceField(
        label=_("Also speaks"), choices=Language.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    calendar = forms.ModelChoiceField(
        Calendar.objects.none(),
        label=_("Hours"),
        required=False,
        empty_label=_("Only as the rota says"),
        help_text=_("When this person can be reached, whatever the rota says."),
    )
    is_default = forms.BooleanField(
        label=_("Default contact"), required=False, help_text=_("Gets what is for nobody in particular.")
    )
    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, client: Client, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        calendar = self.fields["calendar"]
        assert isinstance(calendar, forms.ModelChoiceField)  # noqa: S101 - declared above
        calendar.queryset = Calendar.objects.used_by(client)

    def contact_fields(self, numbers: Iterable[NumberFields]) -> ContactFields:
        """The cleaned form as the services take it."""
        cleaned = {key: value for key, value in self.cleaned_data.items() if key != "revision"}
        cleaned["also_speaks"] = tuple(cleaned["also_speaks"])
        return ContactFields(numbers=tuple(numbers), **cleaned)


class NumberForm(forms.Form):
    """One number; a row without a number is no number."""

    number = PhoneNumberField(
        label=_("Number"),
        required=False,
        error_messages={"invalid": _("This is no telephone number. Write it with its country code, e.g. +371 …")},
    )
    label = forms.CharField(label=_("Label"), max_length=40, required=False, widget=forms.TextInput(UNAIDED))
    gets_urgent_sms = forms.BooleanField(label=_("SMS when urgent"), required=False)

    def __init__(self, *args: Any, country: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        number = self.fields["number"]
        number.region = country  # type: ignore[attr-defined]
        number.widget.attrs.update(UNAIDED | {"inputmode": "tel"})


class BaseNumbers(forms.BaseFormSet):  # type: ignore[type-arg]
    def clean(self) -> None:
        if any(self.errors):
            return
        rows = self.number_fields()
        if len({row.number for row in rows}) < len(rows):
            raise forms.ValidationError(_("A number stands here twice."))
        if sum(row.gets_urgent_sms for row in rows) > 1:
            raise forms.ValidationError(_("Only one number can get urgent messages by SMS."))

    def number_fields(self) -> tuple[NumberFields, ...]:
        """The numbers that were typed, in order."""
        rows = [form.cleaned_data for form in self.forms if form.cleaned_data.get("number")]
        return tuple(NumberFields(row["number"].as_e164, row["label"].strip(), row["gets_urgent_sms"]) for row in rows)


NumberFormSet = forms.formset_factory(
    NumberForm, formset=BaseNumbers, extra=1, max_num=MOST_NUMBERS, absolute_max=MOST_NUMBERS, validate_max=True
)


def initial_of(contact: Contact) -> dict[str, Any]:
    """A contact as the form's initial values."""
    return {
        "name": contact.name,
        "department": contact.department or "",
        "responsibility": contact.responsibility,
        "email": contact.email,
        "language": contact.language,
        "also_speaks": contact.also_speaks,
        "calendar": contact.calendar_id,
        "is_default": contact.is_default,
        "revision": contact.revision,
    }


def numbers_of(contact: Contact) -> list[dict[str, Any]]:
    return [
        {"number": row.number, "label": row.label, "gets_urgent_sms": row.gets_urgent_sms}
        for row in contact.numbers.all()
    ]


def moved(data: Any, prefix: str, move: str) -> Any:
    """The posted rows with one of them moved: "2-up" swaps the third with the second."""
    index, _dash, direction = move.partition("-")
    copy = data.copy()
    if not index.isdecimal() or len(index) > len(str(MOST_NUMBERS)):
        return copy
    here = int(index)
    there = here - 1 if direction == "up" else here + 1
    if not (0 <= there < MOST_NUMBERS and here < MOST_NUMBERS):
        return copy
    for name in ("number", "label", "gets_urgent_sms"):
        first, second = f"{prefix}-{here}-{name}", f"{prefix}-{there}-{name}"
        values = copy.getlist(first), copy.getlist(second)
        copy.setlist(second, values[0])
        copy.setlist(first, values[1])
    return copy


class RemovalForm(forms.Form):
    """Who comes instead of somebody who leaves."""

    replacement = forms.ModelChoiceField(
        Contact.objects.none(),
        label=_("Replaced by"),
        to_field_name="public_id",
        required=False,
        empty_label=_("nobody"),
        error_messages={"invalid_choice": _("This person is no contact of this client any more. Choose another.")},
    )
    renames = forms.BooleanField(
        label=_("Put the new name into scripts and answers"),
        required=False,
        help_text=_("A script in force is published anew at once, with a note of whose name changed."),
    )
    ends_login = forms.BooleanField(label=_("End their access to the portal too"), required=False)
    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, contact: Contact, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        replacement = self.fields["replacement"]
        assert isinstance(replacement, forms.ModelChoiceField)  # noqa: S101 - declared above
        replacement.queryset = contact.client.contacts.present().exclude(pk=contact.pk)
        replacement.required = contact.is_default

    def removal(self) -> dict[str, Any]:
        """The cleaned form as the service takes it."""
        return {name: self.cleaned_data[name] for name in ("replacement", "renames", "ends_login", "revision")}
