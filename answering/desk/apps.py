from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "answering.desk"
    label = "desk"
