"""Pages of the people of a client company; part of the desk's addresses."""

from django.urls import path

from answering.desk.people import contacts

urlpatterns = [
    path("people/", contacts.index, name="people"),
    path("clients/<uuid:client_id>/contacts/", contacts.contacts, name="contacts"),
    path("clients/<uuid:client_id>/contacts/new/", contacts.new_contact, name="new_contact"),
    path("clients/<uuid:client_id>/contacts/<uuid:contact_id>/", contacts.contact, name="contact"),
]
