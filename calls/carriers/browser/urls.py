from django.urls import path

from calls.carriers.browser import views

app_name = "phone"
urlpatterns = [
    path("calls/<uuid:call>/", views.state, name="state"),
    path("calls/<uuid:call>/heartbeat", views.heartbeat, name="heartbeat"),
    path("calls/<uuid:call>/media/<int:generation>/", views.offer, name="offer"),
    path("calls/<uuid:call>/media/<int:generation>/answer", views.answer, name="answer"),
    path("calls/<uuid:call>/hang-up", views.hang_up, name="hang_up"),
    path("calls/<uuid:call>/leaving", views.leaving, name="leaving"),
    path("calls/<uuid:call>/rejoin", views.rejoin, name="rejoin"),
    path("calls/<uuid:call>/details", views.details, name="details"),
    path("calls/<uuid:call>/ticket", views.ticket, name="ticket"),
    path("<slug:slug>/", views.page, name="page"),
    path("<slug:slug>/calls", views.create, name="create"),
]
