import os
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import REGISTRY, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from answering.pulse.bounded import CheckFailed, run_bounded
from answering.pulse.services import pulse_ages

READ_TIMEOUT_SECONDS = 2.5


class PulseCollector(Collector):
    """Ages of the pulses, read from the database when Prometheus asks: one query."""

    def collect(self) -> Iterator[Metric]:
        readable = GaugeMetricFamily("alio_pulses_readable", "1 if the database could be asked for the pulses")
        ages = GaugeMetricFamily("alio_pulse_age_seconds", "Since the last pulse of a part", labels=["service"])
        try:
            for name, age in run_bounded(pulse_ages, timeout=READ_TIMEOUT_SECONDS).items():
                ages.add_metric([name], age.total_seconds())
            readable.add_metric([], 1)
        except CheckFailed:
            readable.add_metric([], 0)
        yield readable
        yield ages


def exposition() -> bytes:
    """All metrics in Prometheus' text format.

    A web server of several processes needs PROMETHEUS_MULTIPROC_DIR (prometheus_client, "Multiprocess
    Mode"); without it each process counts for itself, and this is the one that happened to answer.
    """
    pulses = CollectorRegistry()
    pulses.register(PulseCollector())
    return generate_latest(_process_metrics()) + generate_latest(pulses)


def _process_metrics() -> CollectorRegistry:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry
