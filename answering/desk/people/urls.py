"""Pages of the people of a client company; part of the desk's addresses."""

from django.urls import path

from answering.desk.people import callers, contacts, imports, merging, rotas

IMPORT = "clients/<uuid:client_id>/contacts/import/<uuid:import_id>/"

urlpatterns = [
    path("people/", contacts.index, name="people"),
    path("clients/<uuid:client_id>/contacts/", contacts.contacts, name="contacts"),
    path("clients/<uuid:client_id>/contacts/new/", contacts.new_contact, name="new_contact"),
    path("clients/<uuid:client_id>/contacts/<uuid:contact_id>/", contacts.contact, name="contact"),
    path("clients/<uuid:client_id>/contacts/<uuid:contact_id>/remove/", contacts.remove_contact, name="remove_contact"),
    path("clients/<uuid:client_id>/contacts/export/", imports.export, name="export_contacts"),
    path("clients/<uuid:client_id>/contacts/import/", imports.imports, name="imports"),
    path(IMPORT, imports.contact_import, name="contact_import"),
    path(f"{IMPORT}read/", imports.read_import, name="read_import"),
    path(f"{IMPORT}carry-out/", imports.carry_out, name="carry_out_import"),
    path(f"{IMPORT}undo/", imports.take_back, name="undo_import"),
    path(f"{IMPORT}discard/", imports.discard, name="discard_import"),
    path("clients/<uuid:client_id>/callers/", callers.callers, name="callers"),
    path("clients/<uuid:client_id>/callers/duplicates/", merging.duplicates, name="duplicate_callers"),
    path("clients/<uuid:client_id>/callers/merge/", merging.merge, name="merge_callers"),
    path("clients/<uuid:client_id>/callers/separate/<int:change_id>/", merging.separate, name="separate_callers"),
    path("clients/<uuid:client_id>/callers/<int:caller_id>/", callers.caller, name="caller"),
    path("clients/<uuid:client_id>/rota/", rotas.rotas, name="rotas"),
    path("clients/<uuid:client_id>/rota/new/", rotas.new_rota, name="new_rota"),
    path("clients/<uuid:client_id>/rota/<uuid:rota_id>/", rotas.rota, name="rota"),
    path("clients/<uuid:client_id>/rota/<uuid:rota_id>/change/", rotas.change, name="change_rota"),
    path("clients/<uuid:client_id>/rota/<uuid:rota_id>/shifts/", rotas.add_shifts, name="add_shifts"),
    path("clients/<uuid:client_id>/rota/<uuid:rota_id>/shifts/<int:shift_id>/", rotas.end_shift, name="end_shift"),
    path("clients/<uuid:client_id>/rota/<uuid:rota_id>/instead/", rotas.add_override, name="add_override"),
    path(
        "clients/<uuid:client_id>/rota/<uuid:rota_id>/instead/<int:override_id>/",
        rotas.end_override,
        name="end_override",
    ),
    path("clients/<uuid:client_id>/rota/<uuid:rota_id>/feed/", rotas.feed, name="rota_feed_address"),
]
