from importlib import import_module

from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "calls"
    label = "calls"

    def ready(self) -> None:
        for name in ("calls.carriers.installed", "calls.checks", "calls.receivers", "calls.script_actions"):
            import_module(name)
