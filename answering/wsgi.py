"""The pages, webhooks and API, for any WSGI server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "answering.settings")

application = get_wsgi_application()

from answering.pulse.thread import start_pulse  # noqa: E402 - a model needs the apps that were set up above

start_pulse("web")
