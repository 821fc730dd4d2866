"""HTML as elements: the small vocabulary that every page is written in. Text is always escaped; markup never comes from data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PICTURES", "icon", "link", "tag", "text"]


def tag(name: str, classes: str = "", attributes: Mapping[str, str | float | bool] | None = None) -> Element:
    """Add an element without text; use it with ``with`` to put others into it."""
    return _dressed(Element(name), classes, attributes)


def text(name: str, words: str, classes: str = "", attributes: Mapping[str, str | float | bool] | None = None) -> Element:
    """Add an element that holds nothing but words."""
    return _dressed(TextElement(tag=name, text=words), classes, attributes)


def link(words: str, target: str, classes: str = "", attributes: Mapping[str, str | float | bool] | None = None) -> Element:
    """Add a link to another page of the console or to a file of the site."""
    return text("a", words, classes, {"href": target, **(attributes or {})})


def _dressed(element: Element, classes: str, attributes: Mapping[str, str | float | bool] | None) -> Element:
    if classes:
        element.classes(classes)
    for key, value in (attributes or {}).items():
        element.props[key] = value
    return element


def icon(name: str, classes: str = "") -> Element:
    """Add a decorative icon, drawn in the colour of the text around it; what it means must also stand there in words."""
    svg = tag("svg", f"icon {classes}", {"viewBox": "0 0 24 24", "aria-hidden": "true", "focusable": "false"})
    with svg:
        tag("path", attributes={"d": PICTURES[name]})
    return svg


PICTURES: Final = {
    "overview": "M4 13h6V4H4zM14 20h6v-9h-6zM4 20h6v-3H4zM14 7h6V4h-6z",
    "footfall": "M4 20V10M9 20V4M14 20v-8M19 20v-5M2.5 20h19",
    "cameras": "M3 7.5h11v9H3zM14 10.5l7-3.5v10l-7-3.5M6 20h5",
    "consent": "M5 4.5h14v15H5zM8.5 12l2.5 2.5 4.5-5M8.5 8h7",
    "stations": "M7 3.5h10v17H7zM10 17.5h4M10.5 9a1.5 1.5 0 1 0 3 0 1.5 1.5 0 0 0-3 0M9.5 14a2.5 2.5 0 0 1 5 0",
    "sales": "M3.500 11.500L12 4l8.500 7.500M6 9.500V20h12V9.500M9.500 14.500l2 2 3.500-4",
    "doors": "M6.500 20.500V3.500h10v17M3.500 20.500h17M13.200 12v.6M16.500 6.500h2.500v14",
    "alarms": "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 20.5h4M12 3v2",
    "ledger": "M6 3.5h9l4 4v13H6zM15 3.5v4h4M9.5 12h6M9.5 15.5h6",
    "staff": (
        "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c.4-3.8 3-6 6.5-6s6.100 2.200 6.500 6"
        "M16 4.300a3.500 3.500 0 0 1 0 6.400M18 14.500c2 .8 3.300 2.700 3.500 5.500"
    ),
    "settings": "M4 7h9M17 7h3M4 17h3M11 17h9M15 9.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM9 19.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z",
    "account": "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.500 20.500c.5-4 3.500-6 7.500-6s7 2 7.500 6",
    "more": "M4 7h16M4 12h16M4 17h16",
    "close": "M6 6l12 12M18 6L6 18",
    "left": "M14.500 6l-6 6 6 6",
    "right": "M9.500 6l6 6-6 6",
    "down": "M6 9.500l6 6 6-6",
    "download": "M12 4v11M7.500 11l4.500 4.500 4.500-4.500M4.500 20h15",
    "check": "M5 12.500l4.500 4.500L19 7.500",
    "warning": "M12 4.500L2.800 20h18.400zM12 10.500v4.500M12 17.200v.3",
    "info": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5.500M12 7.800v.3",
    "empty": "M4 13l3-8h10l3 8v6H4zM4 13h5l1.500 2.500h3L15 13h5",
    "light": (
        "M12 16.500a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9zM12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2"
        "M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M5.300 18.700l1.400-1.400M17.300 6.700l1.400-1.400"
    ),
    "dark": "M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500z",
    "system": "M3.500 5h17v11h-17zM9 20h6M12 16v4",
    "language": "M3 6h11M8.500 3.500V6M12 6c-.8 4.500-4 8-8.500 9.500M5.500 9c1.300 3 3.700 5 7 6.500M13 20.500l4-10 4 10M14.500 17h5",
    "leave": "M14 4H5v16h9M10 12h11M17.500 8l4 4-4 4",
    "add": "M12 5v14M5 12h14",
    "key": "M8 16.500a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9zM12.500 12H21M17.500 12v3.500M21 12v3",
    "shield": "M12 3.500l7.500 3v5c0 4.500-3 7.700-7.500 9-4.500-1.300-7.500-4.500-7.500-9v-5zM8.800 12l2.300 2.300 4.200-4.300",
    "still": "M4 5h16v14H4zM4 15l4.500-4 4 3.500 3-2.500 4.500 3.500M15.500 9.500v.1",
}
"""Outlines on a grid of 24, stroked."""
