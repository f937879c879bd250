import uuid
from datetime import date

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from answering.desk.access import setup_page
from answering.desk.calendars.forms import CalendarForm, CalendarSearch, DayForm, HolidaysForm, initial_of
from answering.desk.calendars.month import month_of, read_month
from answering.desk.choices import country_name
from answering.desk.editing import CHANGED_MEANWHILE, render_form, saves
from answering.desk.paging import page_by_name
from answering.lib import clock
from clients.errors import CalendarInUse, ChangedMeanwhile
from clients.hours_text import hours_text
from clients.models import Calendar, Weekday
from clients.services.calendars import copy_calendar, delete_calendar, remove_day, uses_of


@require_GET
@setup_page
def calendars(request: HttpRequest) -> HttpResponse:
    """All calendars, by name."""
    search = CalendarSearch(request.GET)
    found = search.apply(Calendar.objects.all()).annotate(clients_count=Count("clients", distinct=True))
    page = page_by_name(found, before=request.GET.get("before", ""), after=request.GET.get("after", ""))
    query = request.GET.copy()
    for mark in ("before", "after"):
        query.pop(mark, None)
    context = {"section": "calendars", "search": search, "page": page, "query": query.urlencode()}
    return render(request, "desk/calendars/list.html", context)


@require_GET
@setup_page
def calendar(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One calendar: its month as the engine sees it, its rules, its exceptions, and who uses it."""
    shown = get_object_or_404(Calendar, public_id=public_id)
    return _calendar_page(request, shown, DayForm(shown))


def _calendar_page(request: HttpRequest, shown: Calendar, form: DayForm) -> HttpResponse:
    first = read_month(request.GET.get("month", ""), shown.time_zone)
    week: list[list[tuple[int, int]]] = [[] for _day in Weekday]
    for interval in shown.intervals.all():
        week[interval.weekday].append((interval.opens_minute, interval.closes_minute))
    days = shown.days.filter(date__gte=clock.now().date()).prefetch_related("intervals")
    context = {
        "section": "calendars",
        "calendar": shown,
        "country": country_name(shown.holiday_country),
        "month": month_of(shown, first),
        "weekdays": [(day.label, hours_text(week[day])) for day in Weekday],
        "exceptions": [(row, initial_of(row)["hours"]) for row in days],
        "form": form,
        "uses": uses_of(shown),
    }
    return render_form(request, "desk/calendars/calendar.html", context)


@require_http_methods(["GET", "POST"])
@setup_page
def new_calendar(request: HttpRequest) -> HttpResponse:
    form = CalendarForm(request.POST or None)
    if request.method == "POST" and saves(form):
        messages.success(request, _("Saved."))
        return redirect("desk:calendar", form.instance.public_id)
    return render_form(request, "desk/calendars/edit.html", {"section": "calendars", "form": form})


@require_http_methods(["GET", "POST"])
@setup_page
def edit_calendar(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    edited = get_object_or_404(Calendar, public_id=public_id)
    form = CalendarForm(request.POST or None, instance=edited)
    if request.method == "POST" and saves(form):
        messages.success(request, _("Saved."))
        return redirect("desk:calendar", public_id)
    return render_form(request, "desk/calendars/edit.html", {"section": "calendars", "calendar": edited, "form": form})


@require_http_methods(["GET", "POST"])
@setup_page
def holidays(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Which public holidays apply."""
    edited = get_object_or_404(Calendar, public_id=public_id)
    if not edited.holiday_country:
        raise Http404
    form = HolidaysForm(request.POST or None, instance=edited)
    if request.method == "POST" and saves(form):
        messages.success(request, _("Saved."))
        return redirect("desk:calendar", public_id)
    context = {"section": "calendars", "calendar": edited, "form": form}
    context["country"] = country_name(edited.holiday_country)
    return render_form(request, "desk/calendars/holidays.html", context)


@require_POST
@setup_page
def add_day(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Give a date hours of its own."""
    edited = get_object_or_404(Calendar, public_id=public_id)
    form = DayForm(edited, request.POST)
    if not saves(form):
        return _calendar_page(request, edited, form)
    messages.success(request, _("Saved."))
    return redirect("desk:calendar", public_id)


@require_POST
@setup_page
def drop_day(request: HttpRequest, public_id: uuid.UUID, day: str) -> HttpResponse:
    """The usual hours hold again."""
    edited = get_object_or_404(Calendar, public_id=public_id)
    try:
        remove_day(edited, seen=int(request.POST.get("revision", "")[:9]), day=date.fromisoformat(day))
    except ChangedMeanwhile:
        messages.error(request, CHANGED_MEANWHILE)
    except ValueError as error:
        raise Http404 from error
    else:
        messages.success(request, _("The usual hours hold on this day again."))
    return redirect("desk:calendar", public_id)


@require_POST
@setup_page
def copy(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Begin another calendar with this one's hours."""
    copied = get_object_or_404(Calendar, public_id=public_id)
    made = copy_calendar(copied, name=(_("Copy of %(name)s") % {"name": copied.name})[:120])
    messages.success(request, _("Copied. Give the copy a name of its own."))
    return redirect("desk:edit-calendar", made.public_id)


@require_POST
@setup_page
def delete(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Delete a calendar that nothing uses."""
    deleted = get_object_or_404(Calendar, public_id=public_id)
    revision = request.POST.get("revision", "")
    try:
        delete_calendar(deleted, seen=int(revision) if revision.isdecimal() and len(revision) < 10 else None)
    except CalendarInUse:
        messages.error(request, _("This calendar is in use. Nothing was deleted."))
    except ChangedMeanwhile:
        messages.error(request, CHANGED_MEANWHILE)
    else:
        messages.success(request, _("The calendar “%(name)s” is deleted.") % {"name": deleted.name})
        return redirect("desk:calendars")
    return redirect("desk:calendar", public_id)
