"""The event stream: hints from Redis pub/sub to browsers, as Server-Sent Events.

Served by `granian --interface asgi answering.live:application`. It uses Django's settings and nothing
else of Django: thousands of streams may be open in one process, and none of them touches the database.
"""

from answering.live.asgi import LiveApplication

application = LiveApplication()
