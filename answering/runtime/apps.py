"""The runtime as a Django app: the command `up` and the pages of the mail sink."""

from importlib import import_module

from django.apps import AppConfig


class RuntimeConfig(AppConfig):
    """No models: what it keeps is files under `var/`."""

    name = "answering.runtime"
    label = "runtime"

    def ready(self) -> None:
        """Make every Django process know the Celery application: without it a nudge goes to Celery's default broker."""
        import_module("answering.celery")
