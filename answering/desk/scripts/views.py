import uuid
from collections.abc import Callable, Sequence
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from answering.accounts.models import Language, User
from answering.desk.access import setup_page
from answering.desk.editing import CHANGED_MEANWHILE, saves
from answering.desk.scripts.editor import addable_labels, apply_command, greeting_fields, step_fields
from answering.desk.scripts.forms import NewScriptForm, PublishForm, RenameForm, TriedFactsForm
from answering.desk.scripts.outline import compare
from answering.desk.scripts.preview import USUAL_CALL, facts_tried, preview_panel, read_tried, refused
from answering.desk.scripts.typed import by_field, read_fields
from calls.errors import ScriptInUse
from calls.services.scripts import delete_script, uses_of_script
from clients.errors import ChangedMeanwhile
from clients.models import Client, Script, ScriptVersion
from clients.scripts import AnswerInvalid, DefinitionError, ScriptDefinition, export_script, import_script
from clients.scripts.checking import MERGE_FIELDS
from clients.scripts.definition import STEP_LIMIT
from clients.scripts.errors import EditingError, ScriptDeleted
from clients.scripts.ready import ready_scripts
from clients.services.scripts import (
    discard_draft,
    open_draft,
    problems_of,
    publish_draft,
    roll_back,
    save_definition,
    start_script,
    withdraw_version,
)


def _context(script: Script, **more: Any) -> dict[str, Any]:
    return {"section": "clients", "tab": "scripts", "client": script.client, "script": script} | more


def _script(public_id: uuid.UUID) -> Script:
    return get_object_or_404(Script.objects.kept().select_related("client"), public_id=public_id)


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


@require_http_methods(["GET", "POST"])
@setup_page
def scripts(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A client's scripts, and how another is begun."""
    client = get_object_or_404(Client, public_id=public_id)
    form = NewScriptForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        begun = _begin(client, form, _user(request))
        if begun is not None:
            return redirect("desk:edit-script", begun.public_id)
    context = {"section": "clients", "tab": "scripts", "client": client, "form": form}
    context["rows"] = [(each, each.current_version()) for each in client.scripts.kept()]
    return render(request, "desk/scripts/list.html", context, status=422 if form.errors else 200)


def _begin(client: Client, form: NewScriptForm, user: User) -> Script | None:
    """The new script; None, with a sentence in the form, when its file is none."""
    name, file = form.cleaned_data["name"], form.cleaned_data["file"]
    if not file:
        ready = next((each for each in ready_scripts() if each.trade == form.cleaned_data["ready"]), None)
        definition = ready.definition_for(client.language) if ready else ScriptDefinition()
        named = name or (ready.title_in(client.language) if ready else "")
        return start_script(client, name=named, definition=definition, user=user)
    try:
        named, definition = import_script(file)
    except DefinitionError as error:
        form.add_error("file", str(error))
        return None
    return start_script(client, name=name or named or _("Script"), definition=definition, user=user)


@require_GET
@setup_page
def script(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A script with its versions."""
    shown = _script(public_id)
    return _script_page(request, shown, RenameForm(instance=shown))


def _script_page(request: HttpRequest, shown: Script, naming: RenameForm) -> HttpResponse:
    versions = list(shown.versions.select_related("edited_by").order_by("-number"))
    draft = next((version for version in versions if version.is_draft), None)
    problems = problems_of(shown, draft.read()) if draft else []
    publishing = PublishForm(initial={"revision": draft.revision}) if draft else None
    current = shown.current_version()
    context = _context(shown, versions=versions, draft=draft, problems=problems, form=publishing, current=current)
    context |= {"naming": naming, "uses": uses_of_script(shown)}
    return render(request, "desk/scripts/script.html", context, status=422 if naming.errors else 200)


@require_POST
@setup_page
def rename(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    shown, naming = _script(public_id), RenameForm(request.POST, instance=_script(public_id))
    if not saves(naming):
        return _script_page(request, shown, naming)
    messages.success(request, _("Saved."))
    return redirect("desk:script", public_id)


@require_POST
@setup_page
def delete(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Delete the script, unless something uses it, which its page then names."""
    shown = _script(public_id)
    try:
        delete_script(shown, revision=_number(request.POST.get("revision", "")))
    except ChangedMeanwhile:
        messages.error(request, CHANGED_MEANWHILE)
    except (ScriptInUse, EditingError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The script “%(name)s” is deleted.") % {"name": shown.name})
        return redirect("desk:scripts", shown.client.public_id)
    return redirect("desk:script", public_id)


@require_http_methods(["GET", "POST"])
@setup_page
def edit(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The draft as fields; each button saves everything, does what it says and shows the step it is about."""
    if request.method == "POST":
        # Also of a script deleted meanwhile: what was typed must come back.
        return _save(request, get_object_or_404(Script.objects.select_related("client"), public_id=public_id))
    shown = _script(public_id)
    try:
        draft = open_draft(shown, user=_user(request))
    except ScriptDeleted:
        raise Http404 from None
    return _editor(request, shown, draft.read(), draft.revision)


def _save(request: HttpRequest, shown: Script) -> HttpResponse:
    revision, count = (_number(request.POST.get(name, "")) for name in ("revision", "count"))
    data = read_fields(request.POST.dict(), min(count, STEP_LIMIT))
    typed, refused = ScriptDefinition.as_typed(data)
    if refused:
        return _editor(request, shown, typed, revision, refused=refused)
    place = apply_command(data, request.POST.get("do", ""))
    try:
        save_definition(shown, ScriptDefinition.from_dict(data), revision=revision, user=_user(request))
    except DefinitionError as error:  # the button would have made it too large
        return _editor(request, shown, typed, revision, refused=[error])
    except EditingError as error:
        return _editor(request, shown, typed, revision, error=str(error))
    address = reverse("desk:edit-script", args=[shown.public_id])
    return redirect(f"{address}#s{place}" if request.POST.get("do") else address)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _editor(
    request: HttpRequest,
    shown: Script,
    definition: ScriptDefinition,
    revision: int,
    *,
    error: str = "",
    refused: Sequence[DefinitionError] = (),
) -> HttpResponse:
    """The editor's page; `error` says why all of it, `refused` which fields could not be kept."""
    languages = sorted(shown.languages())
    problems = problems_of(shown, definition)
    context = _context(
        shown,
        revision=revision,
        greeting=greeting_fields(definition, languages),
        greeting_problems=[problem.sentence for problem in problems if not problem.step],
        steps=step_fields(definition, languages, problems),
        problems=problems,
        kinds=addable_labels().items(),
        fields=[f"{{{name}}}" for name in MERGE_FIELDS] + [f"{{answer.{ask.key}}}" for ask in definition.asks()],
        error=error,
        refused=by_field(refused),
    )
    return render(request, "desk/scripts/edit.html", context, status=409 if error else 422 if refused else 200)


@require_http_methods(["GET", "POST"])
@setup_page
def preview(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The draft, or without one the version in force, as the agent will see it; answers last as long as the session."""
    shown = _script(public_id)
    version = _newest(shown)
    languages = sorted(shown.languages())
    names = dict(Language.choices)
    usual = USUAL_CALL | {"language": languages[0]}
    form = TriedFactsForm(
        usual | request.GET.dict(),
        languages=[(code, str(names[code])) for code in languages],
    )
    facts = facts_tried(form.cleaned_data if form.is_valid() else usual)
    tried_of = f"script-preview-{version.pk}-{version.revision}" if version else ""
    definition = version.read() if version else ScriptDefinition()
    tried = request.session.get(tried_of, {}) if request.method == "POST" or request.htmx else {}  # type: ignore[attr-defined]
    url = f"{request.path}?{request.GET.urlencode()}"
    if request.method == "GET":
        request.session[tried_of] = {}
        panel = preview_panel(shown, definition, tried, facts, _user(request), url)
        return render(request, "desk/scripts/preview.html", _context(shown, form=form, panel=panel, version=version))
    step, given = request.POST.get("step", ""), request.POST.get("answer", "")
    try:
        request.session[tried_of] = tried = read_tried(shown, definition, tried, step, given)
    except AnswerInvalid as error:
        panel = refused(preview_panel(shown, definition, tried, facts, _user(request), url), step, given, error)
        return render(request, "console/_script.html", {"panel": panel}, status=422)
    panel = preview_panel(shown, definition, tried, facts, _user(request), url)
    return render(request, "console/_script.html", {"panel": panel})


def _newest(shown: Script) -> ScriptVersion | None:
    return shown.versions.filter(published_at=None).first() or shown.current_version()


def _does(request: HttpRequest, shown: Script, action: Callable[[], object], done: str) -> HttpResponse:
    """Do it, say so, go back to the script; what is refused is said there."""
    try:
        action()
    except EditingError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return redirect("desk:script", shown.public_id)


@require_POST
@setup_page
def publish(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    shown, form = _script(public_id), PublishForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return redirect("desk:script", public_id)
    at = form.cleaned_data["at"]
    done = _("It will be in force from then on.") if at else _("Published. Calls that begin now use it.")
    return _does(request, shown, lambda: publish_draft(shown, revision=form.cleaned_data["revision"], at=at), done)


@require_POST
@setup_page
def discard(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    shown, revision = _script(public_id), _number(request.POST.get("revision", ""))
    return _does(request, shown, lambda: discard_draft(shown, revision=revision), _("The draft is discarded."))


@require_POST
@setup_page
def withdraw(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    shown, number = _script(public_id), _number(request.POST.get("number", ""))
    return _does(request, shown, lambda: withdraw_version(shown, number), _("It is a draft again."))


@require_POST
@setup_page
def back(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Put an older version in force again."""
    shown, number = _script(public_id), _number(request.POST.get("number", ""))
    get_object_or_404(shown.versions.exclude(published_at=None), number=number)
    done = _("Version %(number)s is in force again, as a new version.") % {"number": number}
    return _does(request, shown, lambda: roll_back(shown, number, user=_user(request)), done)


@require_GET
@setup_page
def compare_versions(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Two versions side by side."""
    shown = _script(public_id)
    numbers = list(shown.versions.order_by("number").values_list("number", flat=True))
    chosen = [_number(request.GET.get(name, "")) for name in ("before", "after")]
    if any(number not in numbers for number in chosen):
        chosen = numbers[-2:] if len(numbers) > 1 else numbers * 2
    before, after = (shown.versions.get(number=number).read() for number in chosen)
    context = _context(shown, numbers=numbers, before=chosen[0], after=chosen[1], rows=compare(before, after))
    return render(request, "desk/scripts/compare.html", context)


@require_GET
@setup_page
def export(request: HttpRequest, public_id: uuid.UUID, number: int) -> HttpResponse:
    """A version as a file."""
    shown = _script(public_id)
    version = get_object_or_404(shown.versions, number=number)
    answer = HttpResponse(export_script(shown.name, version.read()), content_type="application/json")
    answer["Content-Disposition"] = content_disposition_header(True, f"{shown.name} {number}.json") or "attachment"
    return answer
