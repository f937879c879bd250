"""What networks tell us of calls, for any WSGI server, in a process apart from the pages.

Pages that wait for a database which hangs take all threads of their process; a caller must be answered all the same.
It is the same application: what leads here is decided by who stands before it (Caddyfile). Without a pulse, since
who waits for a page that has gone waits for web.
"""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "answering.settings")
os.environ.setdefault("DATABASE_STATEMENT_SECONDS", "8")

application = get_wsgi_application()
