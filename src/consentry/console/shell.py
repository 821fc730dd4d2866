"""What stands around every page: navigation, language and light, who is signed in, the watermark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from nicegui import ui

from consentry.console.confirmation import password_dialog
from consentry.console.elements import icon, link, tag, text
from consentry.console.pages import at
from consentry.console.speech import LANGUAGES, message
from consentry.console.watermark import watermark
from consentry.platform.actors import Permission

if TYPE_CHECKING:
    from nicegui.element import Element

    from consentry.console.screen import Screen

__all__ = ["NAVIGATION", "OPEN_ALARMS", "THEMES", "Place", "brand", "first_place", "frame", "gate"]

MENU: Final = "menu"


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the navigation; it is offered to those who hold ``permission``."""

    path: str
    words: str
    picture: str
    permission: Permission


NAVIGATION: Final = (
    Place(at("/"), message("Overview"), "overview", Permission.VIEW_FIGURES),
    Place(at("/footfall"), message("Footfall"), "footfall", Permission.VIEW_FIGURES),
    Place(at("/cameras"), message("Cameras"), "cameras", Permission.VIEW_CAMERAS),
    Place(at("/alarms"), message("Alarms"), "alarms", Permission.VIEW_ALARMS),
    Place(at("/doors"), message("Doors"), "doors", Permission.VIEW_DOORS),
    Place(at("/attribution"), message("Sales"), "sales", Permission.VIEW_ATTRIBUTION),
    Place(at("/consent"), message("Consent"), "consent", Permission.VIEW_CONSENTS),
    Place(at("/stations"), message("Stations"), "stations", Permission.MANAGE_STATIONS),
    Place(at("/ledger"), message("Ledger"), "ledger", Permission.VIEW_LEDGER),
    Place(at("/staff"), message("Staff"), "staff", Permission.VIEW_STAFF),
    Place(at("/settings"), message("Settings"), "settings", Permission.VIEW_SETTINGS),
)
"""The pages, the most used first; a phone shows the first four at once and the others behind More."""

ON_A_PHONE: Final = 4

OPEN_ALARMS: Final = "open-alarms"
"""Where a screen keeps the number of alarms that wait for somebody."""

THEMES: Final = ("system", "light", "dark")

_THEME_WORDS: Final = {"system": message("System"), "light": message("Light"), "dark": message("Dark")}


def first_place(screen: Screen) -> str:
    """Return where to begin: the first page that the person may see, or their own account."""
    return next((place.path for place in _places(screen)), at("/account"))


def _places(screen: Screen) -> list[Place]:
    return [place for place in NAVIGATION if screen.may(place.permission)]


def frame(screen: Screen) -> Element:
    """Add the frame around a page for somebody signed in, and return the element that the page fills."""
    with tag("div", "frame"):
        _side(screen)
        _top_bar(screen)
        main = tag("main", "main")
        _bottom_bar(screen)
    _menu(screen)
    password_dialog(screen)
    if screen.page.personal and screen.identity:
        watermark(screen.identity.name, screen.now, screen.speech.zone)
    ui.skip_link(screen.say("Skip to the content"), target=main)
    return main


def gate(screen: Screen) -> Element:
    """Add the frame of a page for those who are not signed in, and return the element that the page fills."""
    with tag("div", "gate"), tag("div", "gate-card"):
        brand(screen, "brand")
        main = tag("main")
        with tag("div", "gate-foot"):
            for language, words in LANGUAGES.items():
                _preference(screen, "language", language, words)
    return main


def brand(screen: Screen, classes: str) -> None:
    """Add the product's mark with the site's name."""
    with tag("a", classes, {"href": at("/")}):
        with tag("span", "brand-mark"):
            icon("footfall")
        with tag("span", "brand-words"):
            text("span", "Consentry", "brand-name")
            text("span", screen.own(screen.site.settings.site.name), "brand-site")


def _side(screen: Screen) -> None:
    with tag("div", "side"):
        brand(screen, "brand")
        with tag("nav", "nav", {"aria-label": screen.say("Main navigation")}):
            for place in _places(screen):
                _entry(screen, place, "nav-link")
        with tag("div", "side-foot"):
            _who(screen)


def _entry(screen: Screen, place: Place, classes: str) -> None:
    here = screen.page.path == place.path or (place.path != at("/") and screen.page.path.startswith(place.path))
    with tag("a", classes, {"href": place.path, **({"aria-current": "page"} if here else {})}):
        icon(place.picture)
        text("span", screen.say(place.words))
        if place.path == at("/alarms") and (waiting := screen.kept.get(OPEN_ALARMS)):
            text("span", screen.speech.number(waiting), "nav-count", {"aria-label": screen.say_count("{count} waiting", "{count} waiting", waiting)})


def _who(screen: Screen) -> None:
    name = screen.identity.name if screen.identity else ""
    with tag("button", "who", {"type": "button", "popovertarget": MENU, "aria-haspopup": "menu"}):
        text("span", name[:1].upper(), "who-face", {"aria-hidden": "true"})
        with tag("span", "who-words"):
            text("span", name, "strong")
            text("span", screen.say("Account and display"), "quiet small")


def _top_bar(screen: Screen) -> None:
    with tag("header", "top-bar"):
        brand(screen, "brand")
        with tag("button", "button plain square", {"type": "button", "popovertarget": MENU, "aria-label": screen.say("Account and display")}):
            icon("account")


def _bottom_bar(screen: Screen) -> None:
    with tag("nav", "bottom-bar", {"aria-label": screen.say("Main navigation")}):
        for place in _places(screen)[:ON_A_PHONE]:
            _entry(screen, place, "bottom-link")
        with tag("button", "bottom-link", {"type": "button", "popovertarget": MENU}):
            icon("more")
            text("span", screen.say("More"))


def _menu(screen: Screen) -> None:
    with tag("div", "sheet menu", {"popover": "auto", "id": MENU, "role": "group", "aria-label": screen.say("Account and display")}):
        with tag("nav", "nav more-places", {"aria-label": screen.say("More pages")}):
            for place in _places(screen)[ON_A_PHONE:]:
                _entry(screen, place, "nav-link")
        text("div", screen.say("Language"), "menu-part")
        with tag("div", "menu-choices"):
            for language, words in LANGUAGES.items():
                _preference(screen, "language", language, words)
        text("div", screen.say("Appearance"), "menu-part")
        with tag("div", "menu-choices"):
            for theme in THEMES:
                _preference(screen, "theme", theme, screen.say(_THEME_WORDS[theme]), theme)
        with tag("a", "nav-link", {"href": at("/account")}):
            icon("account")
            text("span", screen.say("My account"))
        with tag("a", "nav-link", {"href": at("/sign-out")}):
            icon("leave")
            text("span", screen.say("Sign out"))


def _preference(screen: Screen, kind: str, value: str, words: str, picture: str = "") -> None:
    chosen = value == (screen.speech.language if kind == "language" else screen.theme)
    element = link("" if picture else words, f"{at('/preferences')}?{kind}={value}&back={quote(screen.address(), safe='')}")
    if kind == "language":
        element.props["lang"] = value
    if chosen:
        element.props["aria-current"] = "true"
    if picture:
        with element:
            icon(picture, "tiny")
            text("span", words)
