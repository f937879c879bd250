"""Pages of colleagues: list, new, change, invite again."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from answering.accounts.errors import PersonChanged, StaffError
from answering.accounts.models import User
from answering.desk.access import desk_page, setup_page
from answering.desk.editing import CHANGED_MEANWHILE, render_form
from answering.desk.people.access import user_of
from answering.desk.staff.forms import PersonForm, StaffSearch, initial_of
from answering.desk.staff.listing import agent_of, log_of, staff_page
from answering.outbox.models import Delivery
from inquiries.colleagues import INVITATION_DAYS, add_colleague, change_colleague, invite_again


@require_GET
@desk_page
def staff(request: HttpRequest) -> HttpResponse:
    """The people of the house, by name."""
    search = StaffSearch(request.GET)
    found = search.apply(User.objects.staff())
    page, rows = staff_page(found, before=request.GET.get("before", ""), after=request.GET.get("after", ""))
    query = request.GET.copy()
    for mark in ("before", "after"):
        query.pop(mark, None)
    context = {"section": "staff", "search": search, "page": page, "rows": rows, "query": query.urlencode()}
    return render(request, "desk/staff/list.html", context)


@require_http_methods(["GET", "POST"])
@setup_page
def new_person(request: HttpRequest) -> HttpResponse:
    by = user_of(request)
    initial = {"language": by.language, "time_zone": by.time_zone}
    form = PersonForm(request.POST or None, initial=initial, by=by)
    if request.method == "POST" and form.is_valid():
        try:
            added = add_colleague(form.person_fields(), by=by)
        except StaffError as error:
            add_error(form, error)
        else:
            said = _("%(name)s is a colleague now. An invitation is on its way to %(email)s.")
            messages.success(request, said % {"name": added.full_name, "email": added.email})
            return redirect("desk:person-clients" if added.has_console else "desk:person", added.public_id)
    return render_form(request, "desk/staff/new.html", {"section": "staff", "form": form})


@require_http_methods(["GET", "POST"])
@desk_page
def person(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One colleague; administrators change what supervisors read."""
    shown, by = person_or_404(public_id), user_of(request)
    if not by.is_administrator:
        return _read_only(request, shown)
    form = PersonForm(request.POST or None, initial=initial_of(shown, agent_of(shown)), person=shown, by=by)
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_colleague(shown, form.person_fields(), revision=form.cleaned_data["revision"], by=by)
        except StaffError as error:
            add_error(form, error)
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": changed.full_name})
            return redirect("desk:person", public_id)
    return render_form(request, "desk/staff/person.html", _context(shown) | {"form": form})


def _read_only(request: HttpRequest, shown: User) -> HttpResponse:
    if request.method == "POST":
        return redirect("desk:person", shown.public_id)
    return render(request, "desk/staff/person.html", _context(shown))


def person_or_404(public_id: uuid.UUID) -> User:
    """That colleague, with the agent they are."""
    return get_object_or_404(User.objects.staff().select_related("agent"), public_id=public_id)


def _context(shown: User) -> dict[str, Any]:
    return {"section": "staff", "tab": "person", "person": shown, "agent": agent_of(shown)} | {
        "log": log_of(shown),
        "invitation": _invitation_of(shown),
        "days": INVITATION_DAYS,
    }


def _invitation_of(shown: User) -> Delivery | None:
    """The last letter that invited somebody who has not chosen a password yet."""
    if not shown.is_invited:
        return None
    return Delivery.objects.filter(cause__startswith=f"invitation:{shown.pk}:").order_by("-pk").first()


def add_error(form: Any, error: StaffError) -> None:
    """Say it where it belongs on the form."""
    if isinstance(error, PersonChanged):
        form.add_error(None, CHANGED_MEANWHILE)
    else:
        form.add_error(error.field if error.field in form.fields else None, str(error))


@require_POST
@setup_page
def invite(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Another invitation, for one that was lost or has expired."""
    invited = person_or_404(public_id)
    try:
        invite_again(invited, by=user_of(request))
    except StaffError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("An invitation is on its way to %(email)s.") % {"email": invited.email})
    return redirect("desk:person", public_id)
