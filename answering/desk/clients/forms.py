"""What an administrator enters about a company."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from answering.accounts.models import Agent
from answering.desk.choices import country_choices, zone_choices
from answering.desk.editing import RevisedForm
from clients.errors import VatChecksumWrong, VatInvalid, VatOfAnother
from clients.models import Calendar, Client, Plan, Service
from clients.querysets import ClientQuerySet
from clients.vat import vat_number

LONGEST_SEARCH = 60
HOUR = Decimal(3600)
LONGEST_TARGET_HOURS = 400


class ClientSearch(forms.Form):
    """Part of a name; clients that are closed only when asked for."""

    q = forms.CharField(
        label=_("Name"), required=False, max_length=LONGEST_SEARCH, widget=forms.TextInput({"type": "search"})
    )
    closed = forms.BooleanField(label=_("Closed clients"), required=False)

    @property
    def is_used(self) -> bool:
        """Whether the list is another than the whole."""
        return any(self.data.get(name) for name in self.fields)

    def apply(self, clients: ClientQuerySet) -> ClientQuerySet:
        """The clients asked for; none when the question is wrong."""
        if not self.is_valid():
            return clients.none()
        return clients.named_like(self.cleaned_data["q"]).filter(closed_at__isnull=not self.cleaned_data["closed"])


class AgentChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One of the agents who may be chosen now, and whoever was chosen before."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Agent.objects.none(), required=False, empty_label=_("nobody"), **kwargs)

    def offer(self, chosen: int | None) -> None:
        able = Q(pk__in=Agent.objects.at_work().values("pk")) | Q(pk=chosen)
        self.queryset = Agent.objects.filter(able).select_related("user").order_by("user__sort_key", "pk")


class ClientForm(RevisedForm):
    """A company: who it is, and how it is served."""

    country = forms.ChoiceField(label=_("Country"), choices=country_choices)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=zone_choices)
    response_hours = forms.DecimalField(
        label=_("Reply within (working hours)"),
        min_value=Decimal("0.25"),
        max_value=LONGEST_TARGET_HOURS,
        max_digits=5,
        decimal_places=2,
        initial=8,
        help_text=_("Counted in the calendar of whoever owes the reply. Requests that are open keep their deadline."),
    )
    consultant = AgentChoice(label=_("Consultant"), help_text=_("Needed for the plan VIP."))
    substitute = AgentChoice(
        label=_("Substitute"), help_text=_("Takes what is for the consultant while they are away.")
    )
    services = forms.MultipleChoiceField(
        label=_("Services"),
        choices=Service,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Agents see at once what is switched on or off."),
    )

    class Meta:
        model = Client
        fields = [
            "name", "country", "vat_id", "language", "time_zone", "calendar", "plan", "consultant", "substitute",
            "services", "shows_etiquette",
        ]  # fmt: skip
        labels = {
            "name": _("Name"),
            "vat_id": _("VAT number"),
            "language": _("Language"),
            "calendar": _("Calendar"),
            "plan": _("Plan"),
            "shows_etiquette": _("Reminders of good manners"),
        }
        help_texts = {"calendar": _("When the company itself works: its replies are due in these hours.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("consultant", "substitute"):
            field = self.fields[name]
            if isinstance(field, AgentChoice):
                field.offer(getattr(self.instance, f"{name}_id"))
        calendar = self.fields["calendar"]
        if isinstance(calendar, forms.ModelChoiceField):
            calendar.queryset = Calendar.objects.order_by("name", "pk")
        if self.instance.pk is not None:
            hours = Decimal(self.instance.response_target.total_seconds()) / HOUR
            self.fields["response_hours"].initial = hours.quantize(Decimal("0.01")).normalize().to_eng_string()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("plan") == Plan.VIP and "consultant" in cleaned and cleaned["consultant"] is None:
            self.add_error("consultant", _("A VIP client needs a consultant."))
        substitute = cleaned.get("substitute")
        if substitute is not None and cleaned.get("consultant") is None and "consultant" in cleaned:
            self.add_error("substitute", _("A substitute needs a consultant to stand in for."))
        elif substitute is not None and substitute == cleaned.get("consultant"):
            self.add_error("substitute", _("The substitute must be somebody else than the consultant."))
        self._clean_vat(cleaned)
        return cleaned

    def _clean_vat(self, cleaned: dict[str, Any]) -> None:
        """Checked when it is entered; what has been stored before stays as it is."""
        if not {"vat_id", "country"} & set(self.changed_data) or not {"vat_id", "country"} <= set(cleaned):
            return
        try:
            cleaned["vat_id"] = vat_number(cleaned["vat_id"], cleaned["country"])
        except VatOfAnother as error:
            text = _("%(prefix)s is the VAT prefix of another country than the one chosen above.")
            self.add_error("vat_id", forms.ValidationError(text, params={"prefix": error.prefix}))
        except VatChecksumWrong:
            self.add_error("vat_id", _("The digits of this VAT number do not fit together: is one of them mistyped?"))
        except VatInvalid:
            self.add_error("vat_id", _("This is not what a VAT number of the chosen country looks like."))

    def save(self, commit: bool = True) -> Client:
        self.instance.response_target = timedelta(seconds=int(self.cleaned_data["response_hours"] * HOUR))
        saved: Client = super().save(commit)
        return saved
