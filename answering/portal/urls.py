from django.urls import path

from answering.portal import views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("company/", views.company, name="company"),
    path("ticket/", views.ticket, name="ticket"),
    path("calls/", views.calls, name="calls"),
    path("messages/", views.messages, name="messages"),
    path("calls/<uuid:public_id>/", views.call, name="call"),
]
