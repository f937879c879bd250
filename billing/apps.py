from importlib import import_module

from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"
    label = "billing"

    def ready(self) -> None:
        for module in ("receivers", "checks"):
            import_module(f"billing.{module}")
