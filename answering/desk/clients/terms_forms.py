"""Announcing a change: what is entered, and what would be told before it is sent."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from answering.accounts.models import Language, User
from answering.accounts.templatetags.formats import day_or_moment
from answering.desk.clients.forms import LONGEST_TARGET_HOURS, hours_of
from answering.desk.editing import CHANGED_MEANWHILE
from billing.models import Tariff, TariffVersion
from billing.tariff_data import DECIMALS, HIGHEST
from billing.tariff_words import slot_name
from billing.terms import Prices, VersionExists, draft_tariff_version, make_tariff_version
from clients.announcement_text import Wording
from clients.errors import BeginningInvalid, ChangedMeanwhile, ConsultantNeeded, NothingChanges, NoticeTooShort
from clients.models import Announcement, AnnouncementText, Client, Plan, Service
from clients.models.companies import LONGEST_NOTICE_DAYS
from clients.services.announcements import REASON_LIMIT, Announced, earliest_effect, start_of_day
from clients.services.contracts import HOUR, Terms, announce_terms, draft_terms, terms_at

NOTE_LIMIT = 2000
OUT_OF_RANGE = gettext_lazy("Choose a day after today, within five years.")
MONEY_DIGITS = len(str(HIGHEST)) + DECIMALS


def short_notice(error: NoticeTooShort) -> forms.ValidationError:
    """Why it is refused, in the zone in force."""
    told = {"days": error.days, "earliest": day_or_moment(error.earliest)}
    text = ngettext(
        "%(days)d day of notice is agreed, so that this can begin on %(earliest)s. Say why sooner.",
        "%(days)d days of notice are agreed, so that this can begin on %(earliest)s. Say why sooner.",
        error.days,
    )
    return forms.ValidationError(text, params=told)


class ChangeForm(forms.Form):
    """From when, why sooner than agreed, and words in each language that an owner reads.

    Valid, it knows what would be sent: `texts`, in the languages that are read. Times are the client's.
    """

    effective_on = forms.DateField(
        label=gettext_lazy("Takes effect on"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    reason = forms.CharField(
        label=gettext_lazy("Why sooner than agreed"),
        required=False,
        max_length=REASON_LIMIT,
        help_text=gettext_lazy("The client's owners read it: write it in the client's language."),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, client: Client, author: User, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.client, self.author = client, author
        self.texts: list[AnnouncementText] = []
        owners = client.memberships.owners().select_related("user").order_by("user__sort_key", "pk")
        self.owners = [membership.user for membership in owners]
        self.languages = _languages(client, self.owners)
        for code in self.languages:
            self.fields[f"note_{code}"] = _note(code)
        self.fields["effective_on"].initial = self.first_day()

    def first_day(self) -> date:
        """The day that is offered: the first which keeps the notice agreed."""
        return earliest_effect(self.client).date()

    @property
    def notes(self) -> list[forms.BoundField]:
        """The fields for words, one for each language."""
        return [self[f"note_{code}"] for code in self.languages]

    @property
    def as_previewed(self) -> list[SafeString]:
        """Hidden fields with what was entered, so that nothing else is sent than was shown."""
        return [field.as_hidden(attrs={"id": f"sent_{field.html_name}"}) for field in self]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            self._draft(cleaned)
        return cleaned

    def _draft(self, cleaned: dict[str, Any]) -> None:
        try:
            _announcement, texts = self.drafted(cleaned)
        except NoticeTooShort as error:
            self.add_error("reason", short_notice(error))
        except NothingChanges:
            self.add_error(None, _("Nothing would change: enter what is new, or say it in words."))
        except ConsultantNeeded:
            self.add_error("plan", _("A VIP client needs a consultant. Choose one on the client's page first."))
        except VersionExists:
            self.add_error("effective_on", _("Other prices begin on that day already."))
        except BeginningInvalid:
            self.add_error("effective_on", OUT_OF_RANGE)
        else:
            self.texts = [text for text in texts if text.language in self.languages]

    def drafted(self, cleaned: dict[str, Any]) -> tuple[Announcement, list[AnnouncementText]]:
        """What would be sent. Raises TermsError, VersionExists."""
        raise NotImplementedError

    def announce(self) -> None:
        """Send it. Raises ChangedMeanwhile, and what `drafted` raises."""
        raise NotImplementedError

    def sends(self) -> bool:
        """Whether it is sent now; what has happened since it was checked becomes a sentence."""
        try:
            self.announce()
        except (ChangedMeanwhile, VersionExists):
            self.add_error(None, CHANGED_MEANWHILE)
            return False
        except BeginningInvalid:
            self.add_error("effective_on", OUT_OF_RANGE)
            return False
        return True

    def said(self, cleaned: dict[str, Any]) -> Announced:
        notes = {code: cleaned.get(f"note_{code}", "") for code in self.languages}
        begins = start_of_day(self.client, cleaned["effective_on"])
        return Announced(begins, self.author, Wording(notes=notes), cleaned["reason"])


def _languages(client: Client, owners: list[User]) -> list[str]:
    """The client's, then those of its owners."""
    read = [client.language, *(owner.language for owner in owners)]
    return list(dict.fromkeys(code for code in read if code in Language.values))


def _note(code: str) -> forms.CharField:
    label = _("In words (%(language)s)") % {"language": Language(code).label}
    return forms.CharField(
        label=label, required=False, max_length=NOTE_LIMIT, widget=forms.Textarea({"rows": 3, "lang": code})
    )


class ContractForm(ChangeForm):
    """New terms from a day on, after all that was announced before; what stays as it is is not told."""

    plan = forms.ChoiceField(label=gettext_lazy("Plan"), choices=Plan)
    services = forms.MultipleChoiceField(
        label=gettext_lazy("Services"), choices=Service, required=False, widget=forms.CheckboxSelectMultiple
    )
    response_hours = forms.DecimalField(
        label=gettext_lazy("Reply within (working hours)"),
        min_value=Decimal("0.25"),
        max_value=LONGEST_TARGET_HOURS,
        max_digits=5,
        decimal_places=2,
    )
    notice_days = forms.IntegerField(
        label=gettext_lazy("Notice of changes (days)"), min_value=0, max_value=LONGEST_NOTICE_DAYS
    )

    def __init__(self, client: Client, author: User, data: Any = None) -> None:
        super().__init__(client, author, data, initial={"seen": client.revision})
        terms = terms_at(client, start_of_day(client, self.first_day()))
        self.initial.update(
            plan=terms.plan,
            services=terms.services,
            response_hours=hours_of(terms.response_target),
            notice_days=terms.notice_days,
        )

    def first_day(self) -> date:
        """No sooner than the last change that was announced, since it is its terms that are shown."""
        first, last = super().first_day(), self.client.announcements.outstanding().last()
        zone = ZoneInfo(self.client.time_zone)
        return first if last is None else max(first, last.effective_at.astimezone(zone).date())

    def _terms(self, cleaned: dict[str, Any]) -> Terms:
        chosen = tuple(service for service in Service.values if service in cleaned["services"])
        target = timedelta(seconds=int(cleaned["response_hours"] * HOUR))
        return Terms(cleaned["plan"], chosen, target, cleaned["notice_days"])

    def drafted(self, cleaned: dict[str, Any]) -> tuple[Announcement, list[AnnouncementText]]:
        return draft_terms(self.client, self._terms(cleaned), self.said(cleaned))

    def announce(self) -> None:
        cleaned = self.cleaned_data
        announce_terms(self.client, self._terms(cleaned), self.said(cleaned), seen=cleaned["seen"])


def _amount(label: str, *, is_optional: bool = False) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=not is_optional,
        min_value=0,
        max_value=HIGHEST,
        max_digits=MONEY_DIGITS,
        decimal_places=DECIMALS,
    )


class PricesForm(ChangeForm):
    """Other figures in the tariff as it is; its times and steps stay."""

    bills_hold = forms.BooleanField(label=gettext_lazy("Time on hold is charged"), required=False)
    bills_transfer = forms.BooleanField(label=gettext_lazy("Time of a transfer is charged"), required=False)
    wrap_up = forms.IntegerField(label=gettext_lazy("Wrap-up charged at most (seconds)"), min_value=0, max_value=3600)

    def __init__(self, tariff: Tariff, last: TariffVersion, author: User, data: Any = None) -> None:
        self.tariff, self.last = tariff, last
        initial = {
            "bills_hold": last.bills_hold,
            "bills_transfer": last.bills_transfer,
            "wrap_up": last.wrap_up_seconds_billed_at_most,
            "seen": last.number,
        }
        super().__init__(tariff.client, author, data, initial=initial)
        self._figures = dict(self._figure_fields())
        self.fields |= self._figures

    def _figure_fields(self) -> Iterator[tuple[str, forms.DecimalField]]:
        """A field for each figure, named by where it stands in the definition."""
        tariff = self.last.call_tariff()
        for number, slot in enumerate(tariff.slots):
            when = slot_name(tariff, slot)
            for place, step in enumerate(slot.steps):
                told = {"seconds": step.unit_s, "from": step.from_s}
                label = _("Call time, per %(seconds)s s") % told
                if step.from_s:
                    label = _("Call time from second %(from)s on, per %(seconds)s s") % told
                yield self._figure(f"rate_{number}_{place}", label, when, step.rate)
            yield self._figure(f"fee_{number}", _("Connection fee"), when, slot.connect_fee)
            yield self._figure(f"cap_{number}", _("Cap on a call"), when, slot.max_cost)
        if len(tariff.slots) > 1 or tariff.max_cost is not None:
            yield self._figure("cap", _("Cap on a call"), _("at all times"), tariff.max_cost)

    def _figure(self, name: str, label: str, when: str, amount: Decimal | None) -> tuple[str, forms.DecimalField]:
        field = _amount(f"{label} · {when}" if when else label, is_optional=name.startswith("cap"))
        field.initial = None if amount is None else f"{amount:f}"
        return name, field

    @property
    def figures(self) -> list[forms.BoundField]:
        """The fields for figures, in the order of the tariff."""
        return [self[name] for name in self._figures]

    def _prices(self, cleaned: dict[str, Any]) -> Prices:
        definition = self.last.call_tariff().to_dict()
        for number, slot in enumerate(definition["slots"]):
            for place, step in enumerate(slot["rates"]):
                step["rate"] = f"{cleaned[f'rate_{number}_{place}']:f}"
            slot["connect_fee"] = f"{cleaned[f'fee_{number}']:f}"
            _set_cap(slot, cleaned[f"cap_{number}"])
        if "cap" in cleaned:
            _set_cap(definition, cleaned["cap"])
        return Prices(definition, cleaned["bills_hold"], cleaned["bills_transfer"], cleaned["wrap_up"])

    def drafted(self, cleaned: dict[str, Any]) -> tuple[Announcement, list[AnnouncementText]]:
        drafted = draft_tariff_version(self.tariff, self._prices(cleaned), self.said(cleaned))
        if drafted is None:
            raise NothingChanges
        return drafted

    def announce(self) -> None:
        cleaned = self.cleaned_data
        make_tariff_version(self.tariff, self._prices(cleaned), self.said(cleaned), seen=cleaned["seen"])


def _set_cap(entries: dict[str, Any], cap: Decimal | None) -> None:
    for name in ("max_cost", "max_cost_strategy"):
        entries.pop(name, None)
    if cap is not None:
        entries["max_cost"] = f"{cap:f}"
