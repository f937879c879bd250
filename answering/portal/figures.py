"""Today at a glance, for the head of the call list."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Avg, Count, Q, Sum

from answering.lib.money import round_money
from answering.portal.access import Visit
from answering.portal.filters import today_and_month
from billing.models import UsageRecord
from calls.models import Call
from calls.states import CallOutcome
from inquiries.models import Inquiry


@dataclass(frozen=True, slots=True)
class Figures:
    """`month_amount` is rounded for reading; None for who may not see prices."""

    calls_today: int
    answered_today: int
    average_wait_seconds: int | None
    open_messages: int
    nearest: Inquiry | None
    month_amount: Decimal | None


def company_figures(visit: Visit) -> Figures:
    """Four queries, whatever the company's size; days and months of the company's zone."""
    today, month = today_and_month()
    calls = Call.objects.visible_to(visit.user).filter(client=visit.company, started_at__gte=today)
    counts = calls.aggregate(
        all=Count("pk"),
        answered=Count("pk", filter=Q(outcome=CallOutcome.ANSWERED)),
        wait=Avg("queue_seconds", filter=Q(answered_at__isnull=False)),
    )
    messages = Inquiry.objects.visible_to(visit.user).filter(client=visit.company, kind="message").open()
    usage = UsageRecord.objects.visible_to(visit.user).in_force().filter(client=visit.company, ended_at__gte=month)
    spent = usage.aggregate(sum=Sum("exact_amount"))["sum"] if visit.membership.sees_prices else None
    return Figures(
        calls_today=counts["all"],
        answered_today=counts["answered"],
        average_wait_seconds=None if counts["wait"] is None else round(counts["wait"]),
        open_messages=messages.count(),
        nearest=messages.first(),
        month_amount=round_money(spent or Decimal(0), visit.company.currency) if visit.membership.sees_prices else None,
    )
