"""The living style guide at `/dev/ui/`: every component in every state, and whole screens with made-up data."""

from collections.abc import Mapping
from types import MappingProxyType

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from answering.lib import clock

# page -> (template, the states it can be shown in; the first is shown when none is asked for)
PAGES: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "": ("dev/ui.html", ("all",)),
        "console": (
            "dev/ui_console.html",
            ("talking", "idle", "offered", "held", "wrap-up", "taken-over", "offline", "unavailable"),
        ),
        "calls": ("dev/ui_calls.html", ("list", "empty", "none-found")),
        "call": ("dev/ui_call.html", ("answered", "abandoned")),
        "phone": (
            "dev/ui_phone.html",
            (
                "idle",
                "asking",
                "waiting",
                "talking",
                "held",
                "reconnecting",
                "ended",
                "nobody",
                "closed",
                "refused",
                "elsewhere",
                "busy",
            ),
        ),
    }
)


def ui_guide(request: HttpRequest, page: str = "") -> HttpResponse:
    """Show one page of the style guide, in the state that `?state=` names; 404 outside DEBUG."""
    if not settings.DEBUG or page not in PAGES:
        raise Http404
    template, states = PAGES[page]
    state = request.GET.get("state", states[0])
    if state not in states:
        raise Http404
    moment = int(clock.now().timestamp())
    ago = {f"ago_{seconds}": moment - seconds for seconds in (7, 24, 42, 61, 187, 214, 4027)}
    screens = [(name, names) for name, (_, names) in PAGES.items() if name]
    context = {"state": state, "screens": screens, "in_90": moment + 90, **ago}
    return render(request, template, context)
