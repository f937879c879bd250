from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "answering.outbox"
    label = "outbox"
