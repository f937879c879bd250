"""Pages of a client's contacts: list, new, change."""

import uuid
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from answering.desk.access import desk_page
from answering.desk.editing import CHANGED_MEANWHILE, render_form
from answering.desk.people.access import client_page, user_of
from answering.desk.people.forms import (
    BaseNumbers,
    ContactForm,
    NumberFormSet,
    RemovalForm,
    initial_of,
    moved,
    numbers_of,
)
from answering.desk.people.listing import companies, contact_page
from clients.errors import ChangedMeanwhile, PeopleError
from clients.models import Client, Contact
from clients.services.contacts import ContactFields, add_contact, change_contact
from clients.services.naming import texts_naming
from inquiries.departures import remove_person, uses_of

NUMBERS = "numbers"


@require_GET
@desk_page
def index(request: HttpRequest) -> HttpResponse:
    """The client companies, each leading to its people."""
    return render(request, "desk/people/index.html", {"companies": companies(), "section": "people"})


@require_GET
@client_page
def contacts(request: HttpRequest, client: Client) -> HttpResponse:
    page = contact_page(client, asked=request.GET.get("q", ""), after=request.GET.get("after", ""))
    return render(
        request, "desk/people/contacts.html", {"client": client, "page": page, "section": "people", "tab": "contacts"}
    )


@require_http_methods(["GET", "POST"])
@client_page
def new_contact(request: HttpRequest, client: Client) -> HttpResponse:
    if request.method != "POST":
        initial = {"language": client.language, "revision": 0}
        return _form(request, client, None, ContactForm(client, initial=initial), _numbers(client))
    return _write(request, client, None)


@require_http_methods(["GET", "POST"])
@client_page
def contact(request: HttpRequest, client: Client, contact_id: uuid.UUID) -> HttpResponse:
    present = client.contacts.present().with_numbers()
    found = get_object_or_404(present, public_id=contact_id)
    if request.method != "POST":
        form = ContactForm(client, initial=initial_of(found))
        return _form(request, client, found, form, _numbers(client, initial=numbers_of(found)))
    return _write(request, client, found)


def _write(request: HttpRequest, client: Client, found: Contact | None) -> HttpResponse:
    """Save the form; a button that moves a number only shows the form anew."""
    if move := request.POST.get("move"):
        data = moved(request.POST, NUMBERS, move)
        return _form(request, client, found, ContactForm(client, data), _numbers(client, data))
    form, numbers = ContactForm(client, request.POST), _numbers(client, request.POST)
    if form.is_valid() & numbers.is_valid():
        fields = form.contact_fields(numbers.number_fields())
        try:
            saved = _saved(client, found, fields, form.cleaned_data["revision"])
        except ChangedMeanwhile:
            form.add_error(None, CHANGED_MEANWHILE)
        except PeopleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": saved.name})
            return redirect("desk:contacts", client.public_id)
    return _form(request, client, found, form, numbers, status=422)


def _saved(client: Client, found: Contact | None, fields: ContactFields, revision: int) -> Contact:
    return change_contact(found, fields, revision=revision) if found else add_contact(client, fields)


def _numbers(client: Client, data: Any = None, initial: Any = None) -> BaseNumbers:
    formset = NumberFormSet(data, prefix=NUMBERS, form_kwargs={"country": client.country}, initial=initial)
    return cast(BaseNumbers, formset)


def _form(
    request: HttpRequest,
    client: Client,
    found: Contact | None,
    form: ContactForm,
    numbers: BaseNumbers,
    status: int = 200,
) -> HttpResponse:
    context = {
        "client": client,
        "contact": found,
        "form": form,
        "numbers": numbers,
        "departments": client.departments.filter(contacts__left_at=None).distinct().order_by("name"),
        "section": "people",
        "tab": "contacts",
    }
    return render(request, "desk/people/contact.html", context, status=status)


@require_http_methods(["GET", "POST"])
@client_page
def remove_contact(request: HttpRequest, client: Client, contact_id: uuid.UUID) -> HttpResponse:
    """Say where the contact is named and who comes instead, then do it."""
    found = get_object_or_404(client.contacts.present(), public_id=contact_id)
    form = RemovalForm(found, request.POST or None, initial={"revision": found.revision, "renames": True})
    if request.method == "POST" and form.is_valid():
        try:
            passed_on = remove_person(found, **form.removal(), by=user_of(request))
        except ChangedMeanwhile:
            form.add_error(None, CHANGED_MEANWHILE)
        except PeopleError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _removed(found, passed_on))
            if left := _still_named(found):
                messages.warning(request, left)
            return redirect("desk:contacts", client.public_id)
    context = {"client": client, "contact": found, "form": form, "uses": uses_of(found)}
    context |= {"section": "people", "tab": "contacts"}
    return render_form(request, "desk/people/remove.html", context)


def _still_named(contact: Contact) -> str:
    """A sentence about texts that somebody must look at; "" without any."""
    owners = (each.script or each.answer for each in texts_naming(contact))
    listed = ", ".join(dict.fromkeys(str(owner) for owner in owners))
    said = _("%(name)s is still named in: %(listed)s. Have these texts looked at.")
    return said % {"name": contact.name, "listed": listed} if listed else ""


def _removed(contact: Contact, passed_on: int) -> str:
    if not passed_on:
        return _("%(name)s is no longer a contact.") % {"name": contact.name}
    said = ngettext(
        "%(name)s is no longer a contact. %(counter)d open message was passed on.",
        "%(name)s is no longer a contact. %(counter)d open messages were passed on.",
        passed_on,
    )
    return said % {"name": contact.name, "counter": passed_on}
