from importlib import import_module

from django.apps import AppConfig


class InquiriesConfig(AppConfig):
    name = "inquiries"
    label = "inquiries"

    def ready(self) -> None:
        import_module("inquiries.receivers")
