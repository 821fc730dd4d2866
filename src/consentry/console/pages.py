"""Every page of the console and every event on one, each with the permission it needs. What is not listed here does not exist.

A page is a function that draws; an event is a function that a button or a form of a page starts over the socket. Both are declared where
they stand, beside the slice they show, and collected here, so that a test can walk them all.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from consentry.console.answers import Answers

if TYPE_CHECKING:
    from consentry.console.screen import Screen
    from consentry.platform.http.access import Access

__all__ = ["BASE", "EVENTS", "PAGES", "ConsolePage", "PageEvent", "act", "at", "console_page"]

Draw = Callable[["Screen"], Awaitable[None]]
Handle = Callable[["Screen", Answers], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ConsolePage:
    """One page: where it is, what it needs, its title (a message of the catalogue), and whether it shows data about persons."""

    path: str
    access: Access
    title: str
    draw: Draw
    personal: bool


@dataclass(frozen=True, slots=True)
class PageEvent:
    """One thing that a page can start: its name, what it needs, and the function that does it."""

    name: str
    access: Access
    handle: Handle


BASE: Final = "/console"
"""Where the console lives; visitors' pages have the site's root."""

PAGES: Final[dict[str, ConsolePage]] = {}
"""Every page by its path."""

EVENTS: Final[dict[str, PageEvent]] = {}
"""Every event by its name."""


def at(path: str) -> str:
    """Return the address of a place in the console: ``at("/alarms")``, ``at("/")``."""
    return BASE + path.rstrip("/")


def console_page(path: str, *, access: Access, title: str, personal: bool = False) -> Callable[[Draw], Draw]:
    """Declare the function that draws the page at ``path`` of the console.

    ``title`` is a message of the catalogue. ``personal``: the page shows data about persons, so it carries a watermark with the name of the
    one who looks and the time (R79).
    """

    def declare(draw: Draw) -> Draw:
        place = at(path)
        PAGES[place] = ConsolePage(place, access, title, draw, personal)
        return draw

    return declare


def act(access: Access) -> Callable[[Handle], PageEvent]:
    """Declare a function that a page can start. It is checked anew at every start: who was signed out a second ago does nothing more."""

    def declare(handle: Handle) -> PageEvent:
        event = PageEvent(f"{handle.__module__}.{handle.__name__}", access, handle)
        EVENTS[event.name] = event
        return event

    return declare
