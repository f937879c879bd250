"""The runtime as a Django app: the command `up` and the pages of the mail sink."""

from importlib import import_module

from django.apps import AppConfig


class RuntimeConfig(AppConfig):
    """No models: what it keeps is files under `var/`."""

    name = "answering.runtime"
    label = "runtime"

    def ready(self) -> None:
        """Make every Django process know the checks and the Celery application.

        Without the latter a nudge goes to Celery's default broker.
        """
        import_module("answering.celery")
        import_module("answering.runtime.checks")
