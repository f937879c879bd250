"""Forms at the desk: what was typed is kept, and nobody overwrites a colleague unawares."""

from typing import Any, Protocol

import structlog
from django import forms
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from psycopg.errors import ForeignKeyViolation, IntegrityConstraintViolation, UniqueViolation

from clients.errors import ChangedMeanwhile
from clients.services.revisions import save_revised

log = structlog.get_logger(__name__)

# What the database says when a row that the form found is gone or deleted now, or a name that was free is taken.
OVERTAKEN = (ForeignKeyViolation, UniqueViolation, IntegrityConstraintViolation)
CHANGED_MEANWHILE = _(
    "Somebody else has saved this since you opened it. Nothing was overwritten; what you typed is still below. "
    "Open the page anew in another window to see what is saved now, then enter your changes there."
)


class Editor(Protocol):
    """A form that says whether it is valid and saves itself."""

    def is_valid(self) -> bool: ...
    def save(self) -> Any: ...
    def add_error(self, field: str | None, error: Any) -> None: ...


class RevisedForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form of a row that others may edit too: it carries the revision that was shown."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            self.fields["revision"].initial = self.instance.revision

    @property
    def seen(self) -> int | None:
        """The revision that this form was filled in from; None for something new."""
        seen: int | None = self.cleaned_data["revision"]
        return seen

    def save(self, commit: bool = True) -> Any:
        """Store the row with its relations to many; raises ChangedMeanwhile."""
        if commit:
            with transaction.atomic():
                save_revised(self.instance, seen=self.seen)
                self._save_m2m()  # type: ignore[attr-defined]
        return self.instance


def saves(form: Editor) -> bool:
    """Whether the form is valid and now saved; a conflict becomes a sentence above its fields.

    Outside of a transaction: what the database refuses, it may refuse as late as at the end of it.
    """
    if not form.is_valid():
        return False
    try:
        form.save()
    except ChangedMeanwhile:
        form.add_error(None, CHANGED_MEANWHILE)
        return False
    except IntegrityError as error:
        if not isinstance(error.__cause__, OVERTAKEN):
            raise
        log.warning("desk.save_overtaken", exc_info=error)
        form.add_error(None, CHANGED_MEANWHILE)
        return False
    return True


def render_form(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The form's page; 422 when it comes back with errors."""
    return render(request, template, context, status=422 if request.method == "POST" else 200)
