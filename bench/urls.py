"""Alio's addresses, and the least that a view with a database can do."""

import uuid

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

TABLE = "CREATE TABLE bench_row (id bigserial PRIMARY KEY, name uuid UNIQUE, made_at timestamptz DEFAULT now())"


@csrf_exempt
def insert(request: HttpRequest) -> HttpResponse:
    """One INSERT, nothing else."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_row (name) VALUES (%s)", [uuid.uuid4()])
    return HttpResponse(status=204)


urlpatterns = [path("bench/insert", insert), path("", include("answering.urls"))]
