from importlib import import_module

from django.apps import AppConfig


class InquiriesConfig(AppConfig):
    name = "inquiries"
    label = "inquiries"

    def ready(self) -> None:
        for name in ("inquiries.receivers", "inquiries.script_actions"):
            import_module(name)
