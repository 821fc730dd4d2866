"""What the site calls its cameras, lines, areas and doors, and what stands where it has no camera."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.console.pages import at
from consentry.console.widgets import button_link, nothing
from consentry.platform.actors import Permission

if TYPE_CHECKING:
    from consentry.console.screen import Screen
    from consentry.statistics.model import LinePlace

__all__ = ["camera_name", "door_name", "line_name", "no_camera"]


def camera_name(screen: Screen, camera: str) -> str:
    """Return what people call a camera; one that is no longer in the settings is called by its id."""
    found = screen.site.settings.camera(camera)
    return screen.own(found.name) if found else camera


def door_name(screen: Screen, door: str) -> str:
    """Return what people call a door; one that is no longer in the settings is called by its id."""
    found = screen.site.settings.door(door)
    return screen.own(found.name) if found and found.name else door


def line_name(screen: Screen, place: LinePlace) -> str:
    """Return what people call a line, with its camera where the site has several."""
    settings = screen.site.settings
    found = settings.camera(place.camera)
    line = next((line for line in found.lines if line.id == place.line), None) if found else None
    name = screen.own(line.name) if line else place.line
    return name if len(settings.cameras) == 1 else f"{camera_name(screen, place.camera)} · {name}"


def no_camera(screen: Screen) -> None:
    """Add what stands where a site without a camera would show something of them: the way to the settings, where the first one is entered."""
    with nothing(screen.say("No camera yet"), screen.say("Add a [[camera]] table to the settings; the file says what it needs."), "cameras"):
        if screen.may(Permission.EDIT_SETTINGS):
            button_link(screen.say("Open the settings"), at("/settings?part=file"), look="main-action")
