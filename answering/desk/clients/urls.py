from django.urls import path

from answering.desk.clients import views

urlpatterns = [
    path("", views.clients, name="clients"),
    path("new/", views.new_client, name="new-client"),
    path("<uuid:public_id>/", views.client, name="client"),
    path("<uuid:public_id>/edit/", views.edit_client, name="edit-client"),
    path("<uuid:public_id>/close/", views.close, name="close-client"),
    path("<uuid:public_id>/reopen/", views.reopen, name="reopen-client"),
]
