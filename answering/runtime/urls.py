"""Pages of a development checkout, under `/dev/`."""

from django.urls import path

from answering.runtime import views

app_name = "runtime"

urlpatterns = [
    path("mail/", views.mail_list, name="mail_list"),
    path("mail/<str:message_id>/", views.mail_detail, name="mail_detail"),
]
