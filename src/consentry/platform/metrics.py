"""Metrics for Prometheus, in a registry of their own: numbers about the machine and the programs, never about people.

Labels are routes as declared (``/cameras/{camera}``), statuses, names of jobs and ids of cameras: a closed set, so that nothing a caller
sends becomes a label.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, Info, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from consentry import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from prometheus_client.metrics_core import Metric

__all__ = ["Measure", "Metrics", "Reading"]

_LATENCY_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1.0, 3.0, 10.0)


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of a measure, under the values of its labels."""

    labels: tuple[str, ...]
    value: float


@dataclass(frozen=True, slots=True)
class Measure:
    """A gauge that is read when Prometheus asks: ``read`` returns one reading for each set of labels."""

    name: str
    help: str
    labels: tuple[str, ...]
    read: Callable[[], Iterable[Reading]]


class Metrics:
    """Counts requests, reads measures, and writes all of it as text."""

    def __init__(self) -> None:
        """Start with zeros and the figures of this process."""
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        Info("consentry_build", "The release that runs.", registry=self._registry).info({"version": __version__})
        self._requests = Counter("consentry_http_requests", "Requests answered.", ("method", "route", "status"), registry=self._registry)
        self._seconds = Histogram("consentry_http_request_seconds", "Time to answer.", ("route",), buckets=_LATENCY_S, registry=self._registry)

    def observe_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request; ``route`` is its declared path."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def add(self, measure: Measure) -> None:
        """Add a measure."""
        self._registry.register(_Gauge(measure))

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self._registry)


class _Gauge(Collector):
    """Reads a measure whenever the metrics are written."""

    def __init__(self, measure: Measure) -> None:
        self._measure = measure

    def describe(self) -> Iterator[Metric]:
        """Name the gauge without reading it, so that nothing is read at start."""
        yield self._family()

    def collect(self) -> Iterator[Metric]:
        """Read the gauge."""
        family = self._family()
        for reading in self._measure.read():
            family.add_metric(reading.labels, reading.value)
        yield family

    def _family(self) -> GaugeMetricFamily:
        return GaugeMetricFamily(self._measure.name, self._measure.help, labels=self._measure.labels)
