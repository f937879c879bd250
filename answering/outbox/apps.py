from importlib import import_module

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "answering.outbox"
    label = "outbox"

    def ready(self) -> None:
        import_module("answering.outbox.checks")
