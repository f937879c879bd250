"""The operator and the companies it answers for."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from answering.accounts.models import Language
from answering.lib import clock
from answering.lib.text import search_key, sort_key
from clients.models.calendars import Calendar
from clients.models.revised import Revised
from clients.querysets import ClientQuerySet, MembershipQuerySet

LONGEST_NOTICE_DAYS = 365


class Provider(models.Model):
    """The operator itself: who answers, on which calendar, and who issues the invoices."""

    name = models.CharField(max_length=120)
    country = models.CharField(max_length=2)
    vat_id = models.CharField(max_length=20, blank=True)
    address = models.TextField(blank=True)
    bank_name = models.CharField(max_length=120, blank=True)
    iban = models.CharField(max_length=34, blank=True)
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="+")
    time_zone = models.CharField(max_length=64)
    invoice_series = models.CharField(max_length=12, blank=True)

    def __str__(self) -> str:
        return self.name


class Plan(models.TextChoices):
    STANDARD = "standard", _("Standard")
    VIP = "vip", _("VIP")


class Service(models.TextChoices):
    """What a company can have done here besides having its telephone answered."""

    MESSAGES = "messages", pgettext_lazy("service", "Messages")
    SUPPORT = "support", _("Support")
    APPOINTMENTS = "appointments", _("Appointments")
    ORDERS = "orders", _("Orders")
    MAIL_HANDLING = "mail", _("Mail handling")
    VIRTUAL_OFFICE = "office", _("Virtual office")


def services_at_first() -> list[str]:
    """What a new company has switched on."""
    return [Service.MESSAGES]


class Client(Revised):
    """A company whose telephone is answered here."""

    public_id = models.UUIDField(default=clock.uuid7, unique=True, editable=False)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="clients")
    name = models.CharField(max_length=120)
    sort_key = models.CharField(max_length=240, editable=False)
    search_key = models.CharField(max_length=240, editable=False)
    country = models.CharField(max_length=2)
    vat_id = models.CharField(max_length=20, blank=True)
    plan = models.CharField(max_length=12, choices=Plan, default=Plan.STANDARD)
    language = models.CharField(max_length=5, choices=Language)
    time_zone = models.CharField(max_length=64)
    currency = models.CharField(max_length=3, default="EUR")
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="clients")
    consultant = models.ForeignKey(
        "accounts.Agent", null=True, blank=True, on_delete=models.PROTECT, related_name="clients"
    )
    substitute = models.ForeignKey(
        "accounts.Agent",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Takes what is for the consultant while they are away."),
    )
    services = ArrayField(models.CharField(max_length=12, choices=Service), default=services_at_first, blank=True)
    response_target = models.DurationField(
        default=timedelta(hours=8), help_text=_("Working time within which a request is answered.")
    )
    notice_days = models.PositiveSmallIntegerField(
        default=30, help_text=_("Days between the announcement of a change of contract or prices and its beginning.")
    )
    shows_etiquette = models.BooleanField(
        default=True, help_text=_("Agents see a line on good manners where it helps, beside the script.")
    )
    created_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = ClientQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["sort_key", "id"], name="client_by_name")]
        constraints = [
            models.CheckConstraint(
                name="vip_has_consultant", condition=~models.Q(plan="vip") | models.Q(consultant__isnull=False)
            ),
            models.CheckConstraint(
                name="client_response_target_positive", condition=models.Q(response_target__gt=timedelta(0))
            ),
            models.CheckConstraint(
                name="client_notice_days_sensible", condition=models.Q(notice_days__lte=LONGEST_NOTICE_DAYS)
            ),
            models.CheckConstraint(
                name="substitute_is_another",
                condition=models.Q(substitute=None)
                | models.Q(consultant__isnull=False, substitute__lt=models.F("consultant"))
                | models.Q(consultant__isnull=False, substitute__gt=models.F("consultant")),
            ),
            models.CheckConstraint(
                name="client_services_known", condition=models.Q(services__contained_by=Service.values)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_key = sort_key(self.name, self.language)[:240]
        self.search_key = search_key(self.name)[:240]
        super().save(*args, **kwargs)

    def has_service(self, service: Service) -> bool:
        return service in self.services

    @property
    def service_names(self) -> list[str]:
        """What is switched on, in words, in the order of the services."""
        return [str(service.label) for service in Service if service in self.services]


class MembershipRole(models.TextChoices):
    OWNER = "owner", _("owner")
    MEMBER = "member", _("member")


class Membership(models.Model):
    """A person of the client company, and what they may see in its portal."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=MembershipRole, default=MembershipRole.MEMBER)
    may_see_calls = models.BooleanField(default=True)
    may_see_prices = models.BooleanField(default=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "user"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.client}"

    @property
    def is_owner(self) -> bool:
        return self.role == MembershipRole.OWNER

    @property
    def sees_calls(self) -> bool:
        return self.is_owner or self.may_see_calls

    @property
    def sees_prices(self) -> bool:
        return self.is_owner or self.may_see_prices
