"""The console over HTTP: parse, call one service, answer."""

from answering.console.views.caller import caller_form, find_caller, link_caller, save_caller
from answering.console.views.calls import claim, close, decline, end, hold, leaving, rejoin, resume
from answering.console.views.media import answer, offer
from answering.console.views.messages import answer_request, draft, message
from answering.console.views.pages import board, console
from answering.console.views.presence import heartbeat, open_page, presence, ticket
from answering.console.views.script import answer_step, faq
from answering.console.views.telephone import voice_token

__all__ = [
    "answer",
    "answer_request",
    "answer_step",
    "board",
    "caller_form",
    "claim",
    "close",
    "console",
    "decline",
    "draft",
    "end",
    "faq",
    "find_caller",
    "heartbeat",
    "hold",
    "leaving",
    "link_caller",
    "message",
    "offer",
    "open_page",
    "presence",
    "rejoin",
    "resume",
    "save_caller",
    "ticket",
    "voice_token",
]
