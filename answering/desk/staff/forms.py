"""What is asked about colleagues, and what an administrator enters about one."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from answering.accounts.models import CONSOLE_ROLES, Agent, Language, StaffRole, User
from answering.accounts.querysets import UserQuerySet
from answering.accounts.services.staff import PersonFields
from answering.desk.choices import zone_choices

LONGEST_SEARCH = 60
UNAIDED = {"autocomplete": "off"}
ROLES = [(role.value, capfirst(role.label)) for role in StaffRole if role != StaffRole.NONE]


class StaffSearch(forms.Form):
    """Part of a name or e-mail; who has left only when asked for."""

    q = forms.CharField(
        label=_("Name"), required=False, max_length=LONGEST_SEARCH, widget=forms.TextInput({"type": "search"})
    )
    left = forms.BooleanField(label=_("No longer active"), required=False)

    @property
    def is_used(self) -> bool:
        """Whether the list is another than the whole."""
        return any(self.data.get(name) for name in self.fields)

    def apply(self, people: UserQuerySet) -> UserQuerySet:
        """The people asked for; none when the question is wrong."""
        if not self.is_valid():
            return people.none()
        return people.named_like(self.cleaned_data["q"]).filter(is_active=not self.cleaned_data["left"])


class NameSearch(forms.Form):
    """Part of a name, in a list of which some are ticked."""

    q = forms.CharField(
        label=_("Name"), required=False, max_length=LONGEST_SEARCH, widget=forms.TextInput({"type": "search"})
    )
    cleared = forms.BooleanField(label=_("Only cleared ones"), required=False)

    @property
    def is_used(self) -> bool:
        """Whether the list is another than the whole."""
        return any(self.data.get(name) for name in self.fields)


class PersonForm(forms.Form):
    """A colleague: who they are, what they do, what they speak."""

    full_name = forms.CharField(label=_("Name"), max_length=120, widget=forms.TextInput(UNAIDED))
    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(UNAIDED))
    role = forms.ChoiceField(label=_("Role"), choices=ROLES)
    language = forms.ChoiceField(label=_("Language of the screens"), choices=Language.choices)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)
    speaks = forms.MultipleChoiceField(
        label=_("Speaks"),
        choices=Language.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Calls in these languages are offered to them. Administrators take no calls."),
    )
    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, person: User | None = None, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if person is None:
            del self.fields["revision"]
            self.fields["email"].help_text = _("The invitation goes there; they choose their password themselves.")
        else:
            self.fields["email"].help_text = _("They sign in with it. A new one is told at both addresses.")
        if person == by:
            self.fields["role"].disabled = True
            self.fields["role"].help_text = _("Another administrator can change your role.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("speaks") and "role" in cleaned and cleaned["role"] not in CONSOLE_ROLES:
            self.add_error(
                "speaks", _("Administrators take no calls: leave the languages empty, or choose another role.")
            )
        return cleaned

    def person_fields(self) -> PersonFields:
        """The cleaned form as the services take it."""
        cleaned = {key: value for key, value in self.cleaned_data.items() if key != "revision"}
        cleaned["role"], cleaned["speaks"] = StaffRole(cleaned["role"]), tuple(cleaned["speaks"])
        return PersonFields(**cleaned)


def initial_of(person: User, agent: Agent | None) -> dict[str, Any]:
    """A person as the form's initial values."""
    return {
        "full_name": person.full_name,
        "email": person.email,
        "role": person.staff_role,
        "language": person.language,
        "time_zone": person.time_zone,
        "speaks": [each.language for each in agent.languages.all()] if agent else [],
        "revision": person.revision,
    }


class LeavingForm(forms.Form):
    """Who takes over the clients of somebody who leaves."""

    successor = forms.ModelChoiceField(
        Agent.objects.none(),
        label=_("Their clients go to"),
        error_messages={"invalid_choice": _("This person takes no calls any more. Choose another.")},
    )
    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, person: User, *args: Any, has_clients: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_clients:
            del self.fields["successor"]
            return
        successor = self.fields["successor"]
        assert isinstance(successor, forms.ModelChoiceField)  # noqa: S101 - declared above
        others = Agent.objects.at_work().exclude(user=person)
        successor.queryset = others.select_related("user").order_by("user__sort_key", "pk")
