from django.urls import path

from calls.carriers.twilio import views

app_name = "twilio"
urlpatterns = [
    path("voice", views.voice, name="voice"),
    path("status", views.status, name="status"),
    path("conference", views.conference, name="conference"),
    path("recording", views.recording, name="recording"),
    path("message", views.message, name="message"),
]
