from django.urls import path

from answering.desk.staff import clearances, leaving, views

urlpatterns = [
    path("staff/", views.staff, name="staff"),
    path("staff/new/", views.new_person, name="new-person"),
    path("staff/<uuid:public_id>/", views.person, name="person"),
    path("staff/<uuid:public_id>/clients/", clearances.of_person, name="person-clients"),
    path("staff/<uuid:public_id>/invite/", views.invite, name="invite-person"),
    path("staff/<uuid:public_id>/deactivate/", leaving.deactivate, name="deactivate-person"),
    path("staff/<uuid:public_id>/reactivate/", leaving.reactivate, name="reactivate-person"),
    path("clients/<uuid:client_id>/agents/", clearances.of_client, name="client-agents"),
]
