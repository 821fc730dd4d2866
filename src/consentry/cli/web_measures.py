"""What Prometheus reads of a site beyond its requests and jobs: cameras by their ids, what waits to be delivered, and how the vault is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.cameras.model import CameraState
from consentry.cameras.service import list_cameras
from consentry.platform.actors import system
from consentry.platform.errors import ConflictError, RecordsError
from consentry.platform.events import backlog
from consentry.platform.metrics import Measure, Reading
from consentry.recognition import service as recognition

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from consentry.cameras.model import CameraHealth
    from consentry.platform.events import Backlog
    from consentry.platform.metrics import Metrics
    from consentry.platform.site import Site

__all__ = ["measure_site"]

_ACTOR = system("metrics")


def measure_site(metrics: Metrics, site: Site) -> None:
    """Add the measures of a site. While its database cannot be read they are absent, and the other metrics are there."""
    for name, text, value in (
        ("consentry_camera_live", "Whether the camera counts now.", lambda health: float(health.state is CameraState.LIVE)),
        ("consentry_camera_fps", "Frames counted a second.", lambda health: health.fps),
        ("consentry_camera_lag_seconds", "Age of a frame when it is counted.", lambda health: None if health.lag_ms is None else health.lag_ms / 1000),
        ("consentry_camera_dropped_frames", "Frames left out to keep up, in this run.", lambda health: float(health.dropped)),
        ("consentry_camera_reconnects", "Times the source was opened anew, in this run.", lambda health: float(health.reconnects)),
        ("consentry_camera_memory_bytes", "Memory of the camera's process.", lambda health: None if health.rss_mb is None else health.rss_mb * 2**20),
    ):
        metrics.add(Measure(name, text, ("camera",), _of_cameras(site, value)))
    metrics.add(Measure("consentry_events_waiting", "Events that wait for delivery.", (), _of_events(site, lambda found: found.waiting)))
    metrics.add(Measure("consentry_events_dead", "Events that were given up.", (), _of_events(site, lambda found: found.dead)))
    metrics.add(Measure("consentry_vault_answers", "Whether the vault answers.", (), _of_vault(site)))
    metrics.add(Measure("consentry_vault_templates", "Templates that can match now.", ("purpose",), _of_templates(site)))
    metrics.add(Measure("consentry_vault_erasures_waiting", "Erasures that the vault has not confirmed.", (), _of_erasures(site)))


def _of_vault(site: Site) -> Callable[[], Sequence[Reading]]:
    """Say whether the vault answers, where the site has use for it."""

    def read() -> Sequence[Reading]:
        if not site.settings.purposes:
            return ()
        try:
            recognition.vault_status(site)
        except ConflictError:
            return [Reading((), 0.0)]
        return [Reading((), 1.0)]

    return read


def _of_templates(site: Site) -> Callable[[], Sequence[Reading]]:
    def read() -> Sequence[Reading]:
        if not site.settings.purposes:
            return ()
        try:
            return [Reading((purpose,), float(many)) for purpose, many in recognition.population(site).items()]
        except ConflictError:
            return ()

    return read


def _of_erasures(site: Site) -> Callable[[], Sequence[Reading]]:
    def read() -> Sequence[Reading]:
        try:
            return [Reading((), float(recognition.erasures_waiting(site)))]
        except RecordsError:
            return ()

    return read


def _of_cameras(site: Site, value: Callable[[CameraHealth], float | None]) -> Callable[[], Sequence[Reading]]:
    def read() -> Sequence[Reading]:
        try:
            found = {camera.id: value(camera.health) for camera in list_cameras(site, _ACTOR)}
        except RecordsError:
            return ()
        return [Reading((name,), number) for name, number in found.items() if number is not None]

    return read


def _of_events(site: Site, value: Callable[[Backlog], int]) -> Callable[[], Sequence[Reading]]:
    def read() -> Sequence[Reading]:
        try:
            return [Reading((), float(value(backlog(site))))]
        except RecordsError:
            return ()

    return read
