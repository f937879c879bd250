from django.urls import path

from answering.console import views

app_name = "console"
urlpatterns = [
    path("", views.console, name="console"),
    path("board", views.board, name="board"),
    path("open", views.open_page, name="open"),
    path("presence", views.presence, name="presence"),
    path("heartbeat", views.heartbeat, name="heartbeat"),
    path("ticket", views.ticket, name="ticket"),
    path("voice-token", views.voice_token, name="voice_token"),
    path("calls/<uuid:call_id>/claim", views.claim, name="claim"),
    path("calls/<uuid:call_id>/decline", views.decline, name="decline"),
    path("calls/<uuid:call_id>/hold", views.hold, name="hold"),
    path("calls/<uuid:call_id>/resume", views.resume, name="resume"),
    path("calls/<uuid:call_id>/end", views.end, name="end"),
    path("calls/<uuid:call_id>/close", views.close, name="close"),
    path("calls/<uuid:call_id>/rejoin", views.rejoin, name="rejoin"),
    path("calls/<uuid:call_id>/leaving", views.leaving, name="leaving"),
    path("calls/<uuid:call_id>/draft", views.draft, name="draft"),
    path("calls/<uuid:call_id>/message", views.message, name="message"),
    path("calls/<uuid:call_id>/caller", views.caller_form, name="caller_form"),
    path("calls/<uuid:call_id>/caller/save", views.save_caller, name="save_caller"),
    path("calls/<uuid:call_id>/caller/find", views.find_caller, name="find_caller"),
    path("calls/<uuid:call_id>/caller/link", views.link_caller, name="link_caller"),
    path("calls/<uuid:call_id>/faq", views.faq, name="faq"),
    path("calls/<uuid:call_id>/script", views.answer_step, name="answer_step"),
    path("calls/<uuid:call_id>/media/<int:generation>/offer", views.offer, name="offer"),
    path("calls/<uuid:call_id>/media/<int:generation>/answer", views.answer, name="answer"),
    path("inquiries/<uuid:inquiry_id>/answer", views.answer_request, name="answer_request"),
]
