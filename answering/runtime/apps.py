"""The runtime as a Django app: the command `up` and the pages of the mail sink."""

from django.apps import AppConfig


class RuntimeConfig(AppConfig):
    """No models: what it keeps is files under `var/`."""

    name = "answering.runtime"
    label = "runtime"
