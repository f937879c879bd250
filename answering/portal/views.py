import uuid

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from answering.portal.access import Visit, choose_company, open_in, portal_page
from answering.portal.figures import company_figures
from answering.portal.filters import CallFilter
from answering.portal.ledger_view import ledger_view
from answering.portal.paging import newest_first
from answering.portal.price_view import price_view, rows_with_prices
from answering.push.channels import client_channel
from answering.push.streams import stream_url
from billing.models import UsageRecord
from calls.models import Call, ScriptAnswer
from inquiries.models import Inquiry
from inquiries.querysets import InquiryQuerySet


@require_GET
@portal_page
def home(request: HttpRequest, visit: Visit) -> HttpResponse:
    return redirect("portal:calls")


@require_POST
@portal_page
def company(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Look at another of one's companies."""
    try:
        choose_company(request, visit, uuid.UUID(request.POST.get("company", "")))
    except ValueError as error:
        raise Http404 from error
    return redirect("portal:calls")


@require_POST
@portal_page
def ticket(request: HttpRequest, visit: Visit) -> HttpResponse:
    """A ticket for the live stream of this company."""
    if not visit.membership.sees_calls:
        raise Http404
    return JsonResponse({"url": stream_url([client_channel(visit.company.pk)])})


@require_GET
@portal_page
def calls(request: HttpRequest, visit: Visit) -> HttpResponse:
    """The company's calls, newest first."""
    mine = Call.objects.visible_to(visit.user).filter(client=visit.company)
    if not visit.membership.sees_calls:
        raise Http404
    asked = CallFilter(visit.company, request.GET)
    found = asked.apply(mine).select_related("line", "agent__user", "caller")
    page = newest_first(found, "started_at", **_marks(request))
    context = {"visit": visit, "company": visit.company, "section": "calls", "filter": asked, "page": page}
    context["rows"] = rows_with_prices(page.rows, visit)
    context["query"] = _query_without_marks(request)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "portal/_calls.html", context)
    context["figures"] = company_figures(visit)
    return render(request, "portal/calls.html", context)


def _marks(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "") for name in ("before", "after")}


def _query_without_marks(request: HttpRequest) -> str:
    query = request.GET.copy()
    for mark in ("before", "after"):
        query.pop(mark, None)
    return query.urlencode()


@require_GET
@portal_page
def call(request: HttpRequest, visit: Visit, public_id: uuid.UUID) -> HttpResponse:
    """One call: who, what, each second, and what it cost."""
    mine = Call.objects.visible_to(visit.user)
    shown = get_object_or_404(mine.select_related("client", "line", "agent__user", "caller"), public_id=public_id)
    if shown.client != visit.company:
        return open_in(request, visit, shown.client)
    record = _usage_of(visit, shown)
    context = {
        "visit": visit,
        "company": visit.company,
        "section": "calls",
        "call": shown,
        "ledger": ledger_view(shown),
        "answers": ScriptAnswer.objects.visible_to(visit.user).filter(call=shown).of_client(),
        "inquiries": _with_history(Inquiry.objects.visible_to(visit.user).filter(call=shown)),
        "price": price_view(record) if record else None,
    }
    return render(request, "portal/_call.html" if request.htmx else "portal/call.html", context)  # type: ignore[attr-defined]


@require_GET
@portal_page
def messages(request: HttpRequest, visit: Visit) -> HttpResponse:
    """What was taken down for the company, by telephone and by SMS, newest first."""
    if not visit.membership.sees_calls:
        raise Http404
    mine = Inquiry.objects.visible_to(visit.user).filter(client=visit.company)
    shown = _with_history(mine).select_related("call", "text_message")
    page = newest_first(shown, "received_at", **_marks(request))
    context = {"visit": visit, "company": visit.company, "section": "messages", "page": page}
    template = "portal/_messages.html" if request.htmx else "portal/messages.html"  # type: ignore[attr-defined]
    return render(request, template, context)


def _with_history(inquiries: InquiryQuerySet) -> InquiryQuerySet:
    """What is shown of each: whom it is for, and why its deadline has moved; one query more."""
    return inquiries.select_related("contact").prefetch_related("deadline_changes")


def _usage_of(visit: Visit, shown: Call) -> UsageRecord | None:
    records = UsageRecord.objects.visible_to(visit.user).filter(call=shown)
    return records.select_related("tariff_version__tariff").order_by("-revision").first()
