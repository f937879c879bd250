"""The skills that agents have and lines require."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from answering.accounts.models import Agent
from answering.desk.access import setup_page
from answering.desk.editing import CHANGED_MEANWHILE, RevisedForm, render_form, saves
from clients.errors import ChangedMeanwhile, SkillInUse
from clients.models import Skill
from clients.services.skills import delete_skill


class AgentsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Agents by name; of those who cannot sign in it says so."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj) if obj.user.is_active else f"{obj} – {_('Not active')}"


class SkillForm(RevisedForm):
    """A skill's name and who has it; who has it and cannot sign in now keeps it until it is taken from them."""

    class Meta:
        model = Skill
        fields = ["name", "agents"]
        labels = {"name": gettext_lazy("Name"), "agents": gettext_lazy("Agents who have it")}
        field_classes = {"agents": AgentsField}
        widgets = {"agents": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agents = self.fields["agents"]
        assert isinstance(agents, forms.ModelMultipleChoiceField)  # noqa: S101 - of a relation to many
        had = self.instance.agents.values("pk") if self.instance.pk else []
        offered = Agent.objects.filter(Q(user__is_active=True) | Q(pk__in=had))
        agents.queryset = offered.select_related("user").order_by("user__sort_key")

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        same = Skill.objects.annotate(lower=Lower("name")).filter(lower=name.lower())
        if same.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("There is a skill of this name already."))
        return name


@require_GET
@setup_page
def skills(request: HttpRequest) -> HttpResponse:
    """All skills, by name."""
    counted = Skill.objects.annotate(
        agents_count=Count("agents", distinct=True), lines_count=Count("lines", distinct=True)
    )
    context = {"section": "skills", "skills": counted.order_by("sort_key", "pk")}
    return render(request, "desk/skills/list.html", context)


@require_http_methods(["GET", "POST"])
@setup_page
def new_skill(request: HttpRequest) -> HttpResponse:
    return _edit(request, Skill())


@require_http_methods(["GET", "POST"])
@setup_page
def edit_skill(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    return _edit(request, get_object_or_404(Skill, public_id=public_id))


def _edit(request: HttpRequest, skill: Skill) -> HttpResponse:
    form = SkillForm(request.POST or None, instance=skill)
    if request.method == "POST" and saves(form):
        messages.success(request, _("Saved. It holds from the next call on."))
        return redirect("desk:skills")
    lines = skill.lines.select_related("client").order_by("client__sort_key", "name") if skill.pk else []
    context = {"section": "skills", "skill": skill, "form": form, "lines": lines}
    return render_form(request, "desk/skills/edit.html", context)


@require_POST
@setup_page
def remove_skill(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Delete a skill that no line requires."""
    skill = get_object_or_404(Skill, public_id=public_id)
    revision = request.POST.get("revision", "")
    try:
        delete_skill(skill, seen=int(revision) if revision.isdecimal() and len(revision) < 10 else None)
    except SkillInUse:
        messages.error(request, _("Lines require this skill. Take it from them first; nothing was deleted."))
    except ChangedMeanwhile:
        messages.error(request, CHANGED_MEANWHILE)
    else:
        messages.success(request, _("The skill “%(name)s” is deleted.") % {"name": skill.name})
        return redirect("desk:skills")
    return redirect("desk:edit-skill", public_id)


urlpatterns = [
    path("", skills, name="skills"),
    path("new/", new_skill, name="new-skill"),
    path("<uuid:public_id>/", edit_skill, name="edit-skill"),
    path("<uuid:public_id>/remove/", remove_skill, name="remove-skill"),
]
