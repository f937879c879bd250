from django.urls import path

from answering.portal import setting_up, terms, views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("company/", views.company, name="company"),
    path("ticket/", views.ticket, name="ticket"),
    path("calls/", views.calls, name="calls"),
    path("messages/", views.messages, name="messages"),
    path("set-up/", setting_up.progress, name="set-up"),
    path("terms/", terms.terms, name="terms"),
    path("terms/<uuid:public_id>/", terms.announcement, name="announcement"),
    path("terms/<uuid:public_id>/confirm/", terms.confirm, name="confirm-announcement"),
    path("calls/<uuid:public_id>/", views.call, name="call"),
]
