"""The addresses of a development checkout: tests run with DEBUG off, which leaves these out."""

from django.urls import include, path

from answering.urls import urlpatterns as production

urlpatterns = [*production, path("dev/", include("answering.runtime.urls"))]
