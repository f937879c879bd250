"""What an administrator enters about a company."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from answering.accounts.models import Agent, User
from answering.desk.choices import country_choices, zone_choices
from answering.desk.editing import RevisedForm
from billing.terms import is_owed_an_announcement
from clients.errors import VatChecksumWrong, VatInvalid, VatOfAnother
from clients.models import Calendar, Client, Plan, Service
from clients.querysets import ClientQuerySet
from clients.services.announcements import REASON_LIMIT
from clients.services.contracts import Terms, announce_changed_terms
from clients.vat import vat_number

LONGEST_SEARCH = 60
HOUR = Decimal(3600)
LONGEST_TARGET_HOURS = 400
# Fields whose change the client's owners must be told of.
TERMS = ("plan", "services", "response_hours", "notice_days")


def hours_of(target: timedelta) -> str:
    """The working hours as they are typed."""
    hours = Decimal(target.total_seconds()) / HOUR
    return hours.quantize(Decimal("0.01")).normalize().to_eng_string()


class ClientSearch(forms.Form):
    """Part of a name; clients that are closed only when asked for."""

    q = forms.CharField(
        label=pgettext_lazy("of a thing", "Name"),
        required=False,
        max_length=LONGEST_SEARCH,
        widget=forms.TextInput({"type": "search"}),
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

    why_at_once = forms.CharField(
        label=_("Why sooner than agreed"),
        required=False,
        max_length=REASON_LIMIT,
        help_text=_(
            "Plan, services, reply time and notice change at once, and the client's owners are told, with this."
        ),
    )

    class Meta:
        model = Client
        fields = [
            "name", "country", "vat_id", "language", "time_zone", "calendar", "plan", "consultant", "substitute",
            "services", "notice_days", "shows_etiquette",
        ]  # fmt: skip
        labels = {
            "name": pgettext_lazy("of a thing", "Name"),
            "vat_id": _("VAT number"),
            "language": _("Language"),
            "calendar": _("Calendar"),
            "plan": _("Plan"),
            "notice_days": _("Notice of changes (days)"),
            "shows_etiquette": _("Reminders of good manners"),
        }
        help_texts = {"calendar": _("When the company itself works: its replies are due in these hours.")}

    def __init__(self, *args: Any, author: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.author = author
        self.terms_before = Terms.of(self.instance)
        self.tells_owners = self.instance.pk is not None and is_owed_an_announcement(self.instance)
        if not self.tells_owners:
            del self.fields["why_at_once"]
        for name in ("consultant", "substitute"):
            field = self.fields[name]
            if isinstance(field, AgentChoice):
                field.offer(getattr(self.instance, f"{name}_id"))
        calendar = self.fields["calendar"]
        if isinstance(calendar, forms.ModelChoiceField):
            calendar.queryset = Calendar.objects.order_by("name", "pk")
        if self.instance.pk is not None:
            self.fields["response_hours"].initial = hours_of(self.instance.response_target)

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
        if self.tells_owners and not cleaned.get("why_at_once") and self._changes_terms(cleaned):
            self._ask_why()
        return cleaned

    def _changes_terms(self, cleaned: dict[str, Any]) -> bool:
        if not set(TERMS) <= set(cleaned):
            return False
        services = tuple(service for service in Service.values if service in cleaned["services"])
        after = Terms(cleaned["plan"], services, _target(cleaned), cleaned["notice_days"])
        return after != self.terms_before

    def _ask_why(self) -> None:
        told = {"days": self.instance.notice_days}
        text = ngettext(
            "%(days)d day of notice is agreed. Say why this holds at once, or announce it under Terms instead.",
            "%(days)d days of notice are agreed. Say why this holds at once, or announce it under Terms instead.",
            self.instance.notice_days,
        )
        self.add_error("why_at_once", forms.ValidationError(text, params=told))

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
        self.instance.response_target = _target(self.cleaned_data)
        with transaction.atomic():
            saved: Client = super().save(commit)
            if self.tells_owners and Terms.of(saved) != self.terms_before:
                why = self.cleaned_data["why_at_once"]
                announce_changed_terms(saved, self.terms_before, author=self.author, reason=why)
        return saved


def _target(cleaned: dict[str, Any]) -> timedelta:
    return timedelta(seconds=int(cleaned["response_hours"] * HOUR))
