from django.urls import path

from answering.desk.clients import lines, notices, terms, views

urlpatterns = [
    path("", views.clients, name="clients"),
    path("new/", views.new_client, name="new-client"),
    path("<uuid:public_id>/", views.client, name="client"),
    path("<uuid:public_id>/edit/", views.edit_client, name="edit-client"),
    path("<uuid:public_id>/close/", views.close, name="close-client"),
    path("<uuid:public_id>/reopen/", views.reopen, name="reopen-client"),
    path("<uuid:public_id>/terms/", terms.terms, name="terms"),
    path("<uuid:public_id>/terms/contract/", terms.announce_contract, name="announce-contract"),
    path("<uuid:public_id>/terms/prices/", terms.announce_prices, name="announce-prices"),
    path("<uuid:public_id>/terms/<uuid:announcement_id>/", terms.announcement, name="announcement"),
    path("<uuid:public_id>/terms/<uuid:announcement_id>/again/", terms.send_again, name="announcement-again"),
    path("<uuid:public_id>/lines/", lines.lines, name="lines"),
    path("<uuid:public_id>/lines/new/", lines.new_line, name="new-line"),
    path("<uuid:public_id>/lines/<uuid:line_id>/", lines.edit_line, name="edit-line"),
    path("<uuid:public_id>/lines/<uuid:line_id>/test/", lines.test_line, name="test-line"),
    path("<uuid:public_id>/screening/", lines.screen, name="screen-caller"),
    path("<uuid:public_id>/notices/", notices.notices, name="notices"),
    path("<uuid:public_id>/notices/new/", notices.new_notice, name="new-notice"),
    path("<uuid:public_id>/notices/<uuid:notice_id>/", notices.edit_notice, name="edit-notice"),
    path("<uuid:public_id>/notices/<uuid:notice_id>/end/", notices.end, name="end-notice"),
]
