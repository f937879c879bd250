import uuid

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from answering.desk.access import setup_page
from answering.desk.editing import RevisedForm, render_form, saves
from answering.desk.paging import page_by_name
from clients.models import Client, FaqEntry

LONGEST_SEARCH = 100


class FaqForm(RevisedForm):
    """A question with its answer."""

    class Meta:
        model = FaqEntry
        fields = ["question", "answer", "language"]
        labels = {"answer": pgettext_lazy("to a question", "Answer")}
        widgets = {"answer": forms.Textarea({"rows": 4, "data-autosize": True})}


class FaqSearch(forms.Form):
    q = forms.CharField(
        label=gettext_lazy("Words"),
        required=False,
        max_length=LONGEST_SEARCH,
        widget=forms.TextInput({"type": "search"}),
    )


@require_GET
@setup_page
def entries(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A client's questions and answers, in the order of the questions."""
    client = get_object_or_404(Client, public_id=public_id)
    search = FaqSearch(request.GET)
    text = search.cleaned_data["q"] if search.is_valid() else ""
    found = client.faq.saying(text)
    page = page_by_name(found, before=request.GET.get("before", ""), after=request.GET.get("after", ""))
    query = request.GET.copy()
    for mark in ("before", "after"):
        query.pop(mark, None)
    context = {"section": "clients", "tab": "faq", "client": client, "search": search, "page": page}
    return render(request, "desk/scripts/faq.html", context | {"query": query.urlencode(), "is_searched": bool(text)})


@require_http_methods(["GET", "POST"])
@setup_page
def new_entry(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    client = get_object_or_404(Client, public_id=public_id)
    form = FaqForm(request.POST or None, instance=FaqEntry(client=client, language=client.language))
    return _edited(request, client, form)


@require_http_methods(["GET", "POST"])
@setup_page
def edit_entry(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    entry = get_object_or_404(FaqEntry.objects.select_related("client"), public_id=public_id)
    return _edited(request, entry.client, FaqForm(request.POST or None, instance=entry))


def _edited(request: HttpRequest, client: Client, form: FaqForm) -> HttpResponse:
    if request.method == "POST" and saves(form):
        messages.success(request, _("Saved."))
        return redirect("desk:faq", client.public_id)
    context = {"section": "clients", "tab": "faq", "client": client, "form": form}
    return render_form(request, "desk/scripts/faq_entry.html", context)


@require_POST
@setup_page
def delete_entry(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    entry = get_object_or_404(FaqEntry.objects.select_related("client"), public_id=public_id)
    entry.delete()
    messages.success(request, _("Deleted: %(question)s") % {"question": entry.question})
    return redirect("desk:faq", entry.client.public_id)
