from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "answering.portal"
    label = "portal"
