from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from answering.desk.access import desk_page
from answering.desk.board import deadline_light, live_board
from answering.push.channels import agents_channel, desk_channel
from answering.push.streams import stream_url


@require_GET
@desk_page
def home(request: HttpRequest) -> HttpResponse:
    return redirect("desk:live")


@require_GET
@desk_page
def live(request: HttpRequest) -> HttpResponse:
    """The live board, or its changing part for htmx."""
    board = live_board()
    lights = [(inquiry, deadline_light(inquiry, board.now)) for inquiry in board.deadlines]
    template = "desk/_live.html" if request.htmx else "desk/live.html"  # type: ignore[attr-defined]
    return render(request, template, {"board": board, "deadlines": lights, "section": "live"})


@require_POST
@desk_page
def ticket(request: HttpRequest) -> HttpResponse:
    """A ticket for the desk's live stream."""
    return JsonResponse({"url": stream_url([desk_channel(), agents_channel()])})
