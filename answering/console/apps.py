from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "answering.console"
    label = "console"
