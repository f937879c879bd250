from django.urls import include, path

from answering.desk import consultants, views, ways

app_name = "desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("live/", views.live, name="live"),
    path("ticket/", views.ticket, name="ticket"),
    path("calendars/", include("answering.desk.calendars.urls")),
    path("", include("answering.desk.scripts.urls")),
    path("clients/", include("answering.desk.clients.urls")),
    path("skills/", include("answering.desk.skills")),
    path("", include("answering.desk.staff.urls")),
    path("consultants/", consultants.consultants, name="consultants"),
    path("ways/", ways.ways, name="ways"),
    path("clients/<uuid:public_id>/way/", ways.way, name="way"),
    path("", include("answering.desk.people.urls")),
]
