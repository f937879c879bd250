from importlib import import_module

from django.apps import AppConfig

from calls.carriers.browser.carrier import BrowserCarrier
from calls.carriers.registry import register_carrier


class CallsConfig(AppConfig):
    name = "calls"
    label = "calls"

    def ready(self) -> None:
        register_carrier(BrowserCarrier())
        import_module("calls.checks")
