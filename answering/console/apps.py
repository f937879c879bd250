from importlib import import_module

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "answering.console"
    label = "console"

    def ready(self) -> None:
        import_module("answering.console.checks")
