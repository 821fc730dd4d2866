"""Metrics: numbers about the machine and the programs."""

from __future__ import annotations

from consentry import __version__
from consentry.platform.metrics import Measure, Metrics, Reading


def test_a_measure_is_read_when_the_metrics_are_written_and_not_before() -> None:
    readings: list[Reading] = []
    metrics = Metrics()
    metrics.add(Measure("consentry_camera_up", "Whether it is live.", ("camera",), lambda: readings))
    assert 'camera="door"' not in metrics.text().decode()
    readings.append(Reading(("door",), 1.0))
    assert 'consentry_camera_up{camera="door"} 1.0' in metrics.text().decode()


def test_requests_are_counted_and_timed() -> None:
    metrics = Metrics()
    metrics.observe_request("GET", "/things", 200, 0.02)
    metrics.observe_request("GET", "/things", 200, 20.0)
    text = metrics.text().decode()
    assert 'consentry_http_requests_total{method="GET",route="/things",status="200"} 2.0' in text
    assert 'consentry_http_request_seconds_bucket{le="0.025",route="/things"} 1.0' in text
    assert 'consentry_http_request_seconds_bucket{le="+Inf",route="/things"} 2.0' in text


def test_the_release_and_the_process_are_shown() -> None:
    text = Metrics().text().decode()
    assert f'consentry_build_info{{version="{__version__}"}} 1.0' in text
    assert "process_resident_memory_bytes" in text


def test_two_sets_of_metrics_do_not_share_their_counts() -> None:
    one, other = Metrics(), Metrics()
    one.observe_request("GET", "/things", 200, 0.1)
    assert "/things" not in other.text().decode()
