"""The pages, webhooks and API, for any WSGI server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "answering.settings")
# A page that waits longer for one statement waits in vain, and keeps a thread from telephone calls.
os.environ.setdefault("DATABASE_STATEMENT_SECONDS", "8")

application = get_wsgi_application()

from answering.pulse.thread import start_pulse  # noqa: E402 - a model needs the apps that were set up above

start_pulse("web")
