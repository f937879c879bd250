from django.urls import path

from answering.desk.calendars import views

urlpatterns = [
    path("", views.calendars, name="calendars"),
    path("new/", views.new_calendar, name="new-calendar"),
    path("<uuid:public_id>/", views.calendar, name="calendar"),
    path("<uuid:public_id>/edit/", views.edit_calendar, name="edit-calendar"),
    path("<uuid:public_id>/holidays/", views.holidays, name="calendar-holidays"),
    path("<uuid:public_id>/copy/", views.copy, name="copy-calendar"),
    path("<uuid:public_id>/delete/", views.delete, name="delete-calendar"),
    path("<uuid:public_id>/days/", views.add_day, name="add-day"),
    path("<uuid:public_id>/days/<str:day>/remove/", views.drop_day, name="drop-day"),
]
