"""Which lines, areas and cameras a question is about, and how exact their figures are, as the settings say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.platform.errors import InputError, NotFoundError
from consentry.statistics.model import Band, BandSource, LinePlace
from consentry.statistics.rules import DETECTOR_BANDS, WIDEST_BAND

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from consentry.platform.settings.model import Camera, Settings

__all__ = ["band_of", "chosen_lines", "entrances", "published_lines", "require_area", "require_camera", "visitor_lines"]


def visitor_lines(settings: Settings) -> tuple[LinePlace, ...]:
    """Return every line that visitors cross."""
    return tuple(LinePlace(camera.id, line.id) for camera in settings.cameras for line in camera.lines if not line.staff_only)


def entrances(settings: Settings) -> tuple[LinePlace, ...]:
    """Return the lines through which visitors enter and leave the site."""
    return _entrances(settings.cameras)


def published_lines(settings: Settings) -> tuple[LinePlace, ...]:
    """Return the entrances whose cameras publish their figures."""
    return _entrances(camera for camera in settings.cameras if camera.publish)


def chosen_lines(settings: Settings, asked: Collection[LinePlace]) -> tuple[LinePlace, ...]:
    """Return the asked lines, or the entrances where none is named.

    Raises:
        NotFoundError: ``figures.no-line``.
        InputError: ``figures.staff-line``: what only staff cross is no visitor's figure, and staff are not measured.
    """
    known = {LinePlace(camera.id, line.id): line for camera in settings.cameras for line in camera.lines}
    for place in asked:
        if place not in known:
            raise NotFoundError("figures.no-line", f"line {place}", "the settings have no such line", "Look at the lines of the cameras.")
        if known[place].staff_only:
            raise InputError("figures.staff-line", f"line {place}", "only staff cross it, and nobody measures staff", "Choose lines that visitors cross.")
    return tuple(sorted(set(asked))) or entrances(settings)


def require_camera(settings: Settings, camera: str) -> Camera:
    """Return a camera.

    Raises:
        NotFoundError: ``figures.no-camera``.
    """
    found = settings.camera(camera)
    if found is None:
        raise NotFoundError("figures.no-camera", f"camera {camera}", "the settings have no such camera", "Look at the list of cameras.")
    return found


def require_area(settings: Settings, camera: str, area: str) -> None:
    """Pass where the camera has the area.

    Raises:
        NotFoundError: ``figures.no-camera`` or ``figures.no-area``.
    """
    if all(found.id != area for found in require_camera(settings, camera).areas):
        raise NotFoundError("figures.no-area", f"area {camera}/{area}", "the settings have no such area", "Look at the areas of the camera.")


def band_of(settings: Settings, place: LinePlace) -> Band:
    """Return how exact a line's figures are: as measured on the spot, otherwise as its detector's benchmark found."""
    measured = settings.accuracy_of(place.camera, place.line)
    if measured:
        return Band(measured.low, measured.high, BandSource.MEASURED)
    camera = settings.camera(place.camera)
    return DETECTOR_BANDS.get(camera.detector, WIDEST_BAND) if camera else WIDEST_BAND


def _entrances(cameras: Iterable[Camera]) -> tuple[LinePlace, ...]:
    return tuple(LinePlace(camera.id, line.id) for camera in cameras for line in camera.lines if line.entrance and not line.staff_only)
