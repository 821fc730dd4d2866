"""What the pages of doors share: their tabs, what a site without doors is told, and doors to choose from."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from consentry.console.elements import tag
from consentry.console.pages import at
from consentry.console.places import door_name
from consentry.console.widgets import Choice, button_link, card, nothing, segments
from consentry.platform.actors import Permission

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from consentry.console.screen import Screen

__all__ = ["body", "door_choices", "doors_named", "no_doors"]


def _tabs(screen: Screen, here: str) -> None:
    """Add the parts of doors that the reader may see; ``here`` is the current one's path."""
    parts = [
        ("/doors", screen.say("Doors"), Permission.VIEW_DOORS),
        ("/doors/events", screen.say("Events"), Permission.VIEW_DOORS),
        ("/doors/people", screen.say("People and cards"), Permission.MANAGE_CREDENTIALS),
        ("/doors/guests", screen.say("Guests"), Permission.MANAGE_CREDENTIALS),
        ("/doors/inside", screen.say("Who is inside"), Permission.VIEW_INSIDE),
        ("/doors/modes", screen.say("Lockdown and free access"), Permission.VIEW_DOORS),
        ("/alarms?about=doors", screen.say("Alarms"), Permission.VIEW_ALARMS),
        ("/doors/policy", screen.say("Rules"), Permission.VIEW_DOORS),
        ("/doors/simulator", screen.say("Try a door"), Permission.MANAGE_DOORS),
        ("/doors/controllers", screen.say("Controllers"), Permission.VIEW_DOORS),
    ]
    with tag("div", "parts"):
        segments(screen.say("Parts of doors"), [(at(path), words) for path, words, permission in parts if screen.may(permission)], at(here))


@contextmanager
def body(screen: Screen, here: str) -> Iterator[None]:
    """Add what stands below the heading: the tabs, then what is added inside."""
    with tag("div", "stack"):
        _tabs(screen, here)
        yield


def no_doors(screen: Screen) -> None:
    """Say that the settings name no door yet."""
    mend = screen.say("Write a [[door]] with its readers into the settings, then pair the controller that opens it.")
    with card(), nothing(screen.say("No door yet"), mend, "doors"):
        if screen.may(Permission.VIEW_SETTINGS):
            button_link(screen.say("Settings"), at("/settings"))


def doors_named(screen: Screen, doors: Sequence[str]) -> str:
    """Return the names of several doors in one line."""
    return screen.say(", ").join(door_name(screen, door) for door in doors)


def door_choices(screen: Screen) -> list[Choice]:
    """Return the doors of the settings to choose from."""
    return [Choice(door.id, door_name(screen, door.id)) for door in screen.site.settings.doors]
