from importlib import import_module

from django.apps import AppConfig


class TwilioConfig(AppConfig):
    name = "answering.twilio"
    label = "twilio"
    verbose_name = "Twilio"

    def ready(self) -> None:
        import_module("answering.twilio.accounts")
