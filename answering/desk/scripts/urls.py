from django.urls import path

from answering.desk.scripts import faq, views

urlpatterns = [
    path("clients/<uuid:public_id>/faq/", faq.entries, name="faq"),
    path("clients/<uuid:public_id>/faq/new/", faq.new_entry, name="new-faq"),
    path("faq/<uuid:public_id>/", faq.edit_entry, name="edit-faq"),
    path("faq/<uuid:public_id>/delete/", faq.delete_entry, name="delete-faq"),
    path("clients/<uuid:public_id>/scripts/", views.scripts, name="scripts"),
    path("scripts/<uuid:public_id>/", views.script, name="script"),
    path("scripts/<uuid:public_id>/edit/", views.edit, name="edit-script"),
    path("scripts/<uuid:public_id>/rename/", views.rename, name="rename-script"),
    path("scripts/<uuid:public_id>/delete/", views.delete, name="delete-script"),
    path("scripts/<uuid:public_id>/preview/", views.preview, name="preview-script"),
    path("scripts/<uuid:public_id>/publish/", views.publish, name="publish-script"),
    path("scripts/<uuid:public_id>/discard/", views.discard, name="discard-script"),
    path("scripts/<uuid:public_id>/withdraw/", views.withdraw, name="withdraw-script"),
    path("scripts/<uuid:public_id>/roll-back/", views.back, name="roll-back-script"),
    path("scripts/<uuid:public_id>/compare/", views.compare_versions, name="compare-script"),
    path("scripts/<uuid:public_id>/versions/<int:number>/file/", views.export, name="export-script"),
]
