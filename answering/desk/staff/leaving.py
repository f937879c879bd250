"""A colleague leaves, or comes back."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from answering.accounts.errors import PersonChanged, StaffError
from answering.desk.access import setup_page
from answering.desk.editing import CHANGED_MEANWHILE, render_form
from answering.desk.people.access import user_of
from answering.desk.staff.forms import LeavingForm
from answering.desk.staff.listing import agent_of
from answering.desk.staff.views import add_error, person_or_404
from inquiries.colleagues import bring_colleague_back, duties_of, let_colleague_go


@require_http_methods(["GET", "POST"])
@setup_page
def deactivate(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Say what hangs on the person and who takes it over, then do it."""
    leaver, by = person_or_404(public_id), user_of(request)
    if not leaver.is_active:
        return redirect("desk:person", public_id)
    duties = duties_of(leaver)
    form = LeavingForm(
        leaver, request.POST or None, has_clients=duties.has_clients, initial={"revision": leaver.revision}
    )
    if request.method == "POST" and form.is_valid():
        successor, revision = form.cleaned_data.get("successor"), form.cleaned_data["revision"]
        try:
            let_colleague_go(leaver, successor, revision=revision, by=by)
        except StaffError as error:
            add_error(form, error)
        else:
            said = _("%(name)s cannot sign in any more. You can undo this on this page.")
            messages.success(request, said % {"name": leaver.full_name})
            return redirect("desk:person", public_id)
    context = {"section": "staff", "tab": "person", "person": leaver, "agent": agent_of(leaver)}
    context |= {"duties": duties, "form": form}
    return render_form(request, "desk/staff/deactivate.html", context)


@require_POST
@setup_page
def reactivate(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Undo it: the person is invited to choose a new password."""
    returning = person_or_404(public_id)
    revision = request.POST.get("revision", "")
    try:
        seen = int(revision) if revision.isdecimal() and len(revision) < 10 else 0
        returned = bring_colleague_back(returning, revision=seen, by=user_of(request))
    except PersonChanged:
        messages.error(request, CHANGED_MEANWHILE)
    else:
        said = _("An invitation is on its way to %(email)s.") if returned.is_invited else _("%(name)s may stay.")
        messages.success(request, said % {"email": returned.email, "name": returned.full_name})
    return redirect("desk:person", public_id)
