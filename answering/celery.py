"""The Celery application: a task is a nudge, the row it names is the work."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "answering.settings")

app = Celery("answering")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
