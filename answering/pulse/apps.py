from django.apps import AppConfig


class PulseConfig(AppConfig):
    name = "answering.pulse"
    label = "pulse"

    def ready(self) -> None:
        """Let beat prove by its own publishing that its schedule runs."""
        from celery.signals import beat_init  # noqa: PLC0415  only a Django process that is set up needs it

        from answering.pulse.beat import pulse_on_publish  # noqa: PLC0415  apps are ready only now

        beat_init.connect(pulse_on_publish, dispatch_uid="answering.pulse.beat")
