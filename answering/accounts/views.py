from django.contrib.auth.decorators import login_required
from django.db.models import F
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from answering.accounts.models import Language, User


@login_required
def home(request: HttpRequest) -> HttpResponseBase:
    """Send each person to the screen of their role."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - login_required
    if user.is_supervisor:
        return redirect("desk:live")
    if user.has_console:
        return redirect("console:console")
    return redirect("portal:home")


@require_POST
def choose_language(request: HttpRequest) -> HttpResponseBase:
    """Remember the language with the person, and in a cookie for who is not signed in."""
    user = request.user
    chosen = request.POST.get("language", "")
    if isinstance(user, User) and chosen in Language.values:
        user.language, user.revision = chosen, F("revision") + 1  # a form of theirs that is open at the desk is told
        user.save(update_fields=["language", "sort_key", "revision"])
    return set_language(request)
