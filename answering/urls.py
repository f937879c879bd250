from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from answering.accounts import views
from answering.desk.dev import ui_guide
from answering.desk.people.rotas import calendar_feed

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

handler500 = "answering.pulse.views.failed"

urlpatterns = [
    path("", views.home, name="home"),
    path("language/", views.choose_language, name="choose_language"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("console/", include("answering.console.urls")),
    path("portal/", include("answering.portal.urls")),
    path("desk/", include("answering.desk.urls")),
    path("rota/<str:secret>.ics", calendar_feed, name="rota_feed"),
    path("phone/", include("calls.carriers.browser.urls")),
    path("carriers/twilio/", include("calls.carriers.twilio.urls")),
    path("", include("answering.pulse.urls")),
]

if settings.DEBUG:
    urlpatterns += [
        path("dev/ui/", ui_guide, name="ui_guide"),
        path("dev/ui/<slug:page>/", ui_guide, name="ui_guide"),
        path("dev/", include("answering.runtime.urls")),
    ]
