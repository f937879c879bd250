from django.apps import AppConfig


class PushConfig(AppConfig):
    name = "answering.push"
    label = "push"
