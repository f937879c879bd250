"""Temporary notices of one client, in the client's own time."""

import uuid
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from answering.desk.access import setup_page
from answering.desk.editing import CHANGED_MEANWHILE, RevisedForm, render_form, saves
from answering.lib import clock
from clients.errors import ChangedMeanwhile
from clients.models import Client, Notice
from clients.services.notices import end_notice

PAST_SHOWN = 20


def moment_field(label: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget)


LONGEST = timedelta(days=10 * 366)


class NoticeForm(RevisedForm):
    """What is different, from when till when, and who is told."""

    starts_at = moment_field(gettext_lazy("From"))
    ends_at = moment_field(gettext_lazy("To"))

    class Meta:
        model = Notice
        fields = ["text", "line", "starts_at", "ends_at", "is_public"]
        labels = {
            "text": gettext_lazy("Notice"),
            "line": gettext_lazy("Line"),
            "is_public": gettext_lazy("Callers see it on the line’s page"),
        }
        help_texts = {"is_public": "", "line": ""}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        line = self.fields["line"]
        if isinstance(line, forms.ModelChoiceField):
            line.queryset = self.instance.client.lines.order_by("name", "pk")
            line.empty_label = _("All lines")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts_at, ends_at = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts_at and ends_at and ends_at <= starts_at:
            self.add_error("ends_at", _("The notice ends before it begins."))
        elif ends_at and ends_at <= clock.now():
            self.add_error("ends_at", _("This time is past: nobody would see the notice."))
        elif ends_at and ends_at > clock.now() + LONGEST:
            self.add_error("ends_at", _("A notice ends within ten years."))
        return cleaned


@require_GET
@setup_page
def notices(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Notices that run or are to come, and the last that did."""
    client = get_object_or_404(Client, public_id=public_id)
    now = clock.now()
    mine = client.notices.select_related("line", "client")
    context = {"section": "clients", "tab": "notices", "client": client}
    context["current"] = mine.filter(ends_at__gt=now).order_by("starts_at", "pk")
    context["past"] = mine.filter(ends_at__lte=now).order_by("-ends_at", "-pk")[:PAST_SHOWN]
    with timezone.override(ZoneInfo(client.time_zone)):
        return render(request, "desk/clients/notices.html", context)


@require_http_methods(["GET", "POST"])
@setup_page
def new_notice(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    client = get_object_or_404(Client, public_id=public_id)
    return _edit(request, client, Notice(client=client))


@require_http_methods(["GET", "POST"])
@setup_page
def edit_notice(request: HttpRequest, public_id: uuid.UUID, notice_id: uuid.UUID) -> HttpResponse:
    notice = _notice_of(public_id, notice_id)
    return _edit(request, notice.client, notice)


def _notice_of(client_id: uuid.UUID, notice_id: uuid.UUID) -> Notice:
    notices = Notice.objects.select_related("client")
    return get_object_or_404(notices, public_id=notice_id, client__public_id=client_id)


def _edit(request: HttpRequest, client: Client, notice: Notice) -> HttpResponse:
    """Times are the client's."""
    with timezone.override(ZoneInfo(client.time_zone)):
        form = NoticeForm(request.POST or None, instance=notice)
        if request.method == "POST" and saves(form):
            messages.success(request, _("Saved."))
            return redirect("desk:notices", client.public_id)
        context = {"section": "clients", "tab": "notices", "client": client, "form": form}
        return render_form(request, "desk/clients/notice.html", context)


@require_POST
@setup_page
def end(request: HttpRequest, public_id: uuid.UUID, notice_id: uuid.UUID) -> HttpResponse:
    """Agents and callers see it no more."""
    notice = _notice_of(public_id, notice_id)
    try:
        end_notice(notice, seen=int(request.POST.get("revision", "")[:9]))
    except ChangedMeanwhile:
        messages.error(request, CHANGED_MEANWHILE)
    except ValueError as error:
        raise Http404 from error
    else:
        messages.success(request, _("The notice is over."))
    return redirect("desk:notices", public_id)
